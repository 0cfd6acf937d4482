#!lua flags=allow-oom
-- Removes entries that every group acknowledged, including those kept for groups that start later. Called when a Redis
-- whose memory is full rejected a publish. Only publishing trims otherwise, so without this a bus that fills Redis
-- would stay full.
--
-- KEYS[2i-1] stream of partition i    KEYS[2i] its offsets (hash: group -> last acknowledged id)
-- Returns how many entries it removed
--- @include "./slowest.inc.lua"
local removed = 0
for i = 1, #KEYS, 2 do
  local _, least = slowest(KEYS[i + 1])
  if least then removed = removed + redis.call('XTRIM', KEYS[i], 'MINID', least) end
end
return removed
