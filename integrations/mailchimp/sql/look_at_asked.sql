-- So that the planner knows whether it is about five hundred contacts or about all of them.
analyze mailchimp_asked
