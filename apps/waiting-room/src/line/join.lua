-- Gives buyers a place at the end of the line, each once: a buyer with a place keeps it. Takes many in one call,
-- because a call costs more than a place. Places are consecutive, in the given order.
--
-- A join counts as a report: where the window is or will be next, a new buyer is present for a few seconds, and is not
-- judged before its place matures. A buyer with a place may be judged at once, so it counts as present for longer than
-- the longest poll interval.
--
-- KEYS  sale, line, presentUntil, absent, returning, keptUntil, active, slots, slotOf, leaving, served, left, log
-- ARGV  1 now (ms, '' = Redis time)   2 run_id of this Redis
--       3 maximum waiting places of the sale (0 = no bound)
--       4… per buyer: name, place, '1' if it may get a new place; nobody twice; at most 256. The place is the one on a
--       ticket that the buyer showed (0 = none): it counts after a loss, when Redis no longer knows it
-- Returns {'missing'} | {'lost'} (to be recovered first)
--       | {'ok', now, outcome, place, position, outcome, place, position, …}, in the order of the buyers, each outcome
--         'joined' | 'known', or with place and position 0: 'not-open' | 'closed' | 'full' | 'limited' (may get no new
--         place)
--- @include "../redis/window.inc.lua"
--- @include "../redis/served.inc.lua"
--- @include "../redis/returners.inc.lua"
local sale, line, presentUntil, absent, returning, keptUntil, active, slots, slotOf, leaving, served, left, log =
  unpack(KEYS)
--- @include "../redis/now.inc.lua"
local state, run, restoreBelow, rate, edge =
  unpack(redis.call('HMGET', sale, 'state', 'run', 'restoreBelow', 'rate', 'edge'))
if not state then return { 'missing' } end
if run ~= ARGV[2] then return { 'lost' } end
local rejection = (state == 'scheduled' and 'not-open') or (state == 'closed' and 'closed')

local buyers = {}
for index = 4, #ARGV, 3 do buyers[#buyers + 1] = ARGV[index] end
local slotNames = redis.call('HMGET', slotOf, unpack(buyers))
local placeOf = redis.call('ZMSCORE', line, unpack(buyers))
local PRESENT, PRESENT_AGAIN = 7000, WINDOW.MATURE
local strayed = redis.call('ZCARD', returning) + redis.call('ZCARD', absent) > 0

-- Returns {outcome, place, position} of a buyer who needs no new place; nil for the others.
local function find(buyer, slot, place, claimed)
  if slot and redis.call('ZSCORE', active, slot) and not redis.call('ZSCORE', leaving, slot) then
    return { 'known', tonumber(string.match(redis.call('HGET', slots, slot), '^%S+ (%d+)')), 1 }
  end
  if rejection then return { rejection, 0, 0 } end
  if not place and strayed then
    takeBack({ sale, absent, returning, keptUntil, served, left, log }, buyer, now)
    local rank = redis.call('ZRANK', returning, buyer)
    if rank then
      redis.call('ZADD', presentUntil, 'GT', now + PRESENT_AGAIN, buyer)
      return { 'known', tonumber(redis.call('ZSCORE', returning, buyer)), rank + lineBefore(rank, redis.call('ZCARD', line)) + 1 }
    end
  end
  if not place and not slot and mayRestore(served, claimed, restoreBelow) and not redis.call('ZSCORE', left, buyer) then
    redis.call('ZADD', line, 'NX', claimed, buyer)
    place = claimed
  end
  if not place then return nil end
  if tonumber(place) <= (tonumber(edge) or 0) then redis.call('ZADD', presentUntil, 'GT', now + PRESENT_AGAIN, buyer) end
  local rank = redis.call('ZRANK', line, buyer)
  return { 'known', tonumber(place), rank + returnersBefore(rank, redis.call('ZCARD', returning)) + 1 }
end

local found, new, waitingMax = {}, {}, tonumber(ARGV[3])
for index, buyer in ipairs(buyers) do
  found[index] = find(buyer, slotNames[index], placeOf[index], tonumber(ARGV[3 * index + 2]))
end
local taken = redis.call('ZCARD', line) + redis.call('ZCARD', returning) + redis.call('ZCARD', absent)
for index, buyer in ipairs(buyers) do
  if not found[index] and ARGV[3 * index + 3] ~= '1' then found[index] = { 'limited', 0, 0 } end
  if not found[index] and waitingMax > 0 and taken + #new >= waitingMax then found[index] = { 'full', 0, 0 } end
  if not found[index] then new[#new + 1] = buyer end
end

local place, position, added = 0, 0, {}
if #new > 0 then
  place = redis.call('HINCRBY', sale, 'counter', #new) - #new
  redis.call('HINCRBY', sale, 'joined', #new)
  for index, buyer in ipairs(new) do
    added[2 * index - 1], added[2 * index] = place + index, buyer
  end
  redis.call('ZADD', line, 'NX', unpack(added))
  redis.call('HDEL', slotOf, unpack(new))
  redis.call('ZREM', left, unpack(new))
  -- The counter is above every place ever given: new buyers stand last.
  position = redis.call('ZCARD', line) - #new
  local reports = {}
  for index = 1, math.min(#new, 2 * windowTarget(tonumber(rate)) - position) do
    reports[2 * index - 1], reports[2 * index] = now + PRESENT, new[index]
  end
  if #reports > 0 then redis.call('ZADD', presentUntil, unpack(reports)) end
end
local returners = redis.call('ZCARD', returning)
local reply = { 'ok', now }
for index = 1, #buyers do
  local answer = found[index]
  if not answer then
    place, position = place + 1, position + 1
    answer = { 'joined', place, position + returnersBefore(position - 1, returners) }
  end
  for _, part in ipairs(answer) do reply[#reply + 1] = part end
end
return reply
