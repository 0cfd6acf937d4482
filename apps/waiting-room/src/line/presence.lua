#!lua flags=allow-oom
-- Records the presence of many buyers of one process in one call. A buyer who was set aside and returns in time goes
-- ahead of the line; after a loss of Redis an unknown buyer is put back with its own place. Behind the window presence
-- is not judged, so it is not recorded.
--
-- KEYS  sale, line, presentUntil, absent, returning, keptUntil, slotOf, served, left, log
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3… of each buyer: name, place, present for (ms); at most 500 buyers
-- Returns the buyers that do not wait (any more), to be looked up one by one.
--- @include "../redis/served.inc.lua"
--- @include "../redis/returners.inc.lua"
local sale, line, presentUntil, absent, returning, keptUntil, slotOf, served, left, log = unpack(KEYS)
--- @include "../redis/now.inc.lua"
local state, run, restoreBelow, edge = unpack(redis.call('HMGET', sale, 'state', 'run', 'restoreBelow', 'edge'))
-- The line must be recovered first: nothing is known about any buyer.
if run ~= ARGV[2] then return {} end
if state == 'closed' then restoreBelow = 0 end

local buyers, others, reports = {}, {}, {}
for index = 3, #ARGV, 3 do buyers[#buyers + 1] = ARGV[index] end
local placeOf = redis.call('ZMSCORE', line, unpack(buyers))
local strayed = redis.call('ZCARD', absent) + redis.call('ZCARD', returning) > 0
edge = tonumber(edge) or 0
for index = 3, #ARGV, 3 do
  local buyer, claimed, untilMs = ARGV[index], tonumber(ARGV[index + 1]), now + tonumber(ARGV[index + 2])
  local place = placeOf[index / 3]
  local returned = not place and strayed and (takeBack({ sale, absent, returning, keptUntil, served, left, log }, buyer, now)
    or redis.call('ZSCORE', returning, buyer))
  place = place or returned
  if not place and mayRestore(served, claimed, restoreBelow) and redis.call('HEXISTS', slotOf, buyer) == 0
    and not redis.call('ZSCORE', left, buyer) then
    redis.call('ZADD', line, 'NX', claimed, buyer)
    place = claimed
  end
  if place then
    if returned or tonumber(place) <= edge then reports[#reports + 1], reports[#reports + 2] = untilMs, buyer end
  else
    others[#others + 1] = buyer
  end
end
if #reports > 0 and state ~= 'closed' then redis.call('ZADD', presentUntil, unpack(reports)) end
return others
