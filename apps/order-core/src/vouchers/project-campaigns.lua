#!lua flags=allow-oom
-- Writes campaigns to Redis: totals and times. An older or equal version changes nothing, so that calls may be lost,
-- repeated or late.
--
-- KEYS  1 meta  2 campaigns   (see stock/keys.ts)
-- ARGV  1 run_id the connection talks to   2… per campaign: id   version   "total|from (ms)|until (ms)"
-- Returns projected · rebuild
--- @include "../stock/epoch.inc.lua"
for i = 2, #ARGV, 3 do
  local known = string.match(redis.call('HGET', KEYS[2], ARGV[i]) or '', '^(%d+)|')
  if not known or tonumber(known) < tonumber(ARGV[i + 1]) then
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1] .. '|' .. ARGV[i + 2])
  end
end
return 'projected'
