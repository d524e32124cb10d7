drop table if exists mailchimp_asked, mailchimp_wish, mailchimp_step
