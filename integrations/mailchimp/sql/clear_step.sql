drop table if exists mailchimp_step
