#!lua flags=allow-oom
-- Writes down until when a process has seen the orders. Slots past their deadline come back by it, also where memory is used up.
--
-- KEYS  orders-seen
-- ARGV  1 process   2 its report ("reportedAtMs seenUntilMs")
-- Returns 1.
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
