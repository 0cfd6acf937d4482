#!lua flags=allow-oom
-- Does one write of a rebuild, as long as that rebuild is the current one: another process that took over must not be
-- mixed in. The values come as one JSON text, as Postgres composed it: as separate arguments they cost the client three
-- times as much.
--
-- KEYS  1 rebuilding  2 what is written   (see keys.ts)
-- ARGV  1 token of the rebuild   2 command: HSET | ZADD | SADD   3 JSON array of its arguments (at most 1,000)
-- Returns 1, or 0 when the rebuild is not the current one.
if string.match(redis.call('GET', KEYS[1]) or '', '^%d+:(.*)$') ~= ARGV[1] then return 0 end
redis.call(ARGV[2], KEYS[2], unpack(cjson.decode(ARGV[3])))
return 1
