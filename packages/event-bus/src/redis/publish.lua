#!lua
-- Appends events to the streams of their partitions: all of them, or none when one stream is at its bound. First
-- removes entries that every group acknowledged, and those that are older than the topic keeps them, acknowledged or not;
-- nothing else needs to trim, since an idle bus does not grow. A topic that keeps events for some time only loses its
-- oldest ones at the bound, instead of rejecting newer ones.
--
-- KEYS[2i-1] stream of partition i    KEYS[2i] its offsets (hash: group -> last acknowledged id)
-- ARGV[1] maximum entries of a stream
-- ARGV[2] ms for which acknowledged events are kept anyway, for groups that start a little later
-- ARGV[2+i] ms for which partition i keeps events at most, or ''
-- Then, per event: partition i, key, headers (JSON), value (JSON)
-- Returns {1}, or {0, i, group that is furthest behind} with nothing appended.
-- Without the flag `allow-oom` a Redis whose memory is full rejects it as a whole (`OOM`): see trim.lua.
--- @include "./slowest.inc.lua"
local lengthMax, keepMs = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local keptFromMs = nowMs - keepMs
local firstEvent = 3 + #KEYS / 2

local adds = {}
for a = firstEvent, #ARGV, 4 do
  local i = tonumber(ARGV[a])
  adds[i] = (adds[i] or 0) + 1
end

for i, count in pairs(adds) do
  local stream, offsets = KEYS[2 * i - 1], KEYS[2 * i]
  local group, least = slowest(offsets)
  local keptMsMax = tonumber(ARGV[2 + i])
  if keptMsMax then redis.call('XTRIM', stream, 'MINID', string.format('%.0f', nowMs - keptMsMax)) end
  -- MINID keeps the id itself: the last acknowledged entry of the slowest group stays, which does no harm.
  if least and milliseconds(least) > keptFromMs then
    redis.call('XTRIM', stream, 'MINID', '~', string.format('%.0f', keptFromMs))
  elseif least then
    redis.call('XTRIM', stream, 'MINID', '~', least)
  end
  if keptMsMax and redis.call('XLEN', stream) + count > lengthMax then
    redis.call('XTRIM', stream, 'MAXLEN', math.max(0, lengthMax - count))
  end
  if redis.call('XLEN', stream) + count > lengthMax then
    if least then redis.call('XTRIM', stream, 'MINID', least) end
    if redis.call('XLEN', stream) + count > lengthMax then return {0, i, group} end
  end
end

for a = firstEvent, #ARGV, 4 do
  redis.call('XADD', KEYS[2 * tonumber(ARGV[a]) - 1], '*', 'key', ARGV[a + 1], 'headers', ARGV[a + 2], 'value', ARGV[a + 3])
end
return {1}
