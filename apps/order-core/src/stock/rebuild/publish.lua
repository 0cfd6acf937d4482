#!lua flags=allow-oom
-- Ends the writing of a rebuild: with `meta` the scripts take holds again, in the new epoch. Called after Postgres has
-- committed that epoch, never before.
--
-- KEYS  1 rebuilding  2 meta   (see keys.ts)
-- ARGV  1 token of the rebuild   2 "n:run_id"   3 version of the catalogue   4 currency   5 followFrom (ms)
--       6 '1': buyers are to be loaded
-- Returns 1, or 0 when the rebuild is not the current one.
if string.match(redis.call('GET', KEYS[1]) or '', '^%d+:(.*)$') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'epoch', ARGV[2], 'version', ARGV[3], 'currency', ARGV[4], 'followFrom', ARGV[5])
if ARGV[6] == '1' then redis.call('HSET', KEYS[2], 'partial', '1') end
return 1
