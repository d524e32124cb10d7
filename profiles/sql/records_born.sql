select record_id from stage_person where not existed
