#!lua flags=allow-oom
-- Reports what a process saw of a sale before Redis was restarted, and decides together with the other reports: see
-- vouch.inc.lua.
--
-- KEYS  sale, log, vouches
-- ARGV  1 now (not used)   2 run_id   3 process   4 run_id before   5 highest place   6 newest id of the log
--       7 when it was last in touch with Redis (ms of its clock)   8 processes that were alive then, as text
-- Returns 'missing' | 'early' (the sale is not recovered yet: counted then) | 'settled' | 'waiting' | 'whole' | 'lost'
--- @include "./vouch.inc.lua"
local sale, log, vouches = unpack(KEYS)
local run, vouch = unpack(redis.call('HMGET', sale, 'run', 'vouch'))
if not run then return 'missing' end
if run == ARGV[2] and not vouch then return 'settled' end
redis.call('HSET', vouches, ARGV[3], table.concat({ ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8] }, ' '))
redis.call('PEXPIRE', vouches, VOUCH.KEPT)
if run ~= ARGV[2] then return 'early' end
return decide(KEYS, ARGV[8])
