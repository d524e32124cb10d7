-- What these people have bought for, where they have bought anything.
select id, value from profiles_profile where id = any(:profiles) and value > 0
