drop table if exists mailchimp_wish
