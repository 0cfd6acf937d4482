#!lua flags=allow-oom
-- Restarts a sale on a Redis that was restarted or replaced, after the archive's slots and served places were restored.
-- For a while nobody is admitted, and tickets that Redis does not know are put back with their own place. The counter
-- continues above the highest known place, and the log above the last archived entry: gaps are allowed, duplicates are
-- not.
--
-- The wait ends at once where every process that was alive vouches that nothing was lost. Which slots were claimed in a
-- lost second is unknown, so none of them returns for a missing claim.
--
-- KEYS  sale, line, absent, returning, unclaimed, log, vouches
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3 highest known place   4 margin   5 recovering for (ms)
--       6 joined   7 admitted   8 returned (as the archive counts them)   9 time of the last archived entry (ms)
-- Returns 'unknown' sale | 'done' by another process | 'waiting' | 'whole' | 'lost': see vouch.inc.lua
--- @include "../redis/window.inc.lua"
--- @include "../redis/ends.inc.lua"
--- @include "./vouch.inc.lua"
local sale, line, absent, returning, unclaimed, log, vouches = unpack(KEYS)
--- @include "../redis/now.inc.lua"
local fields = { 'run', 'counter', 'stamp', 'recoveringUntil', 'judgeFrom', 'edges', 'vouch' }
local h = {}
for index, value in ipairs(redis.call('HMGET', sale, unpack(fields))) do h[fields[index]] = value end
local function number(field) return tonumber(h[field]) or 0 end
if not h.run then return 'unknown' end
if h.run == ARGV[2] then return 'done' end

local highest = math.max(tonumber(ARGV[3]), number('counter'))
for _, queue in ipairs({ line, absent, returning }) do
  local last = redis.call('ZRANGE', queue, -1, -1, 'WITHSCORES')[2]
  highest = math.max(highest, tonumber(last) or 0)
end
for index, field in ipairs({ 'joined', 'admitted', 'returned' }) do
  local known = tonumber(redis.call('HGET', sale, field)) or 0
  redis.call('HSET', sale, field, math.max(known, tonumber(ARGV[5 + index])))
end

local counter, archived = highest + tonumber(ARGV[4]), tonumber(ARGV[9])
local isClockBehind = math.max(number('stamp'), archived) > now + 1000
-- Nobody could report meanwhile, and reports of the lost second are gone.
local silence = number('stamp') > 0 and math.max(0, now - number('stamp')) or 0
local edges = readEdges(h.edges, now, silence)
if edges.changed then redis.call('HSET', sale, 'edges', edgesText(edges)) end
local fullJudge = math.max(number('judgeFrom'), now + WINDOW.MATURE)
local judge = math.max(number('judgeFrom'), silence > WINDOW.SILENT and judgeFrom(now, silence) or 0)
local function text(ms) return string.format('%.0f', ms) end
redis.call('HSET', sale, 'run', ARGV[2], 'counter', text(counter), 'loggedCounter', text(counter), 'restoreBelow', text(counter),
  'recoveringUntil', text(now + tonumber(ARGV[5])), 'recoveryMs', ARGV[5], 'judgeFrom', text(fullJudge), 'silentFrom', 0,
  'tokens', 0, 'recent', '', 'demand', 0,
  -- A stamp ahead of the clock stays: the next tick shortens every deadline by it.
  'stamp', text(math.max(number('stamp'), isClockBehind and archived or 0, now - now % 100)))

redis.call('UNLINK', unclaimed)
local newestMs = 0
if redis.call('EXISTS', log) == 1 then
  -- Also of a trimmed entry.
  local info = redis.call('XINFO', 'STREAM', log)
  for index = 1, #info, 2 do
    if info[index] == 'last-generated-id' then newestMs = tonumber(string.match(info[index + 1], '^%d+')) end
  end
end
redis.call('XADD', log, text(math.max(now, newestMs + 1, archived + 1)) .. '-0', 'kind', 'recovered', 'at', now, 'place', text(counter))
endWithSale(sale, { log }, now)

-- What the archive or this process knows, and Redis does not, was lost. Of a recovery that was not finished, the cause
-- is unknown.
local isLost = tonumber(ARGV[3]) > number('counter') or archived > newestMs
if isLost or h.vouch or h.run == '' or isClockBehind then
  redis.call('HDEL', sale, 'vouch')
  redis.call('UNLINK', vouches)
  return 'lost'
end
redis.call('HSET', sale, 'vouch', table.concat({ h.run, text(number('counter')), text(number('stamp')),
  text(number('recoveringUntil')), text(judge), text(fullJudge) }, ' '))
return decide({ sale, log, vouches }, '')
