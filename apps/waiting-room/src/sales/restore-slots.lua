#!lua flags=allow-oom
-- Restores slots that are open in the archive, during a recovery: `maxActive` counts them, their buyers are inside
-- again, and an order keeps the slot that it holds. An overdue one is restored too: the next ticks return it, unless an
-- order may have been placed on it meanwhile. Safe to run twice.
--
-- A slot that was given back keeps waiting until its admission is void. Its buyer is not put inside, nor removed from
-- the line: it may have joined again, at another place.
--
-- KEYS  sale, line, presentUntil, absent, returning, keptUntil, active, slots, slotOf, leaving, ended, held
-- ARGV  1 now (ms, '' = Redis time)   2 run_id
--       3… of each slot: slot, "buyer place admittedMs deadlineMs kid [extensions]", until (ms), "order createdMs
--       holdEndMs" or '',
--       '1' if its admission was revoked or ''; at most 1,000
-- Returns 1 | 0 when the sale is unknown or was recovered meanwhile
--- @include "../redis/ends.inc.lua"
local sale, line, presentUntil, absent, returning, keptUntil, active, slots, slotOf, leaving, ended, held = unpack(KEYS)
--- @include "../redis/now.inc.lua"
local run = redis.call('HGET', sale, 'run')
if not run or run == ARGV[2] then return 0 end

-- A buyer at a later place, or inside with one, gave this slot back.
local function isPast(buyer, slot, place)
  for _, queue in ipairs({ line, absent, returning }) do
    if (tonumber(redis.call('ZSCORE', queue, buyer)) or 0) > place then return true end
  end
  local newest = redis.call('HGET', slotOf, buyer)
  if not newest or newest == slot then return false end
  return (tonumber(string.match(redis.call('HGET', slots, newest) or '', '^%S+ (%d+)')) or 0) >= place
end

local function restore(slot, entry, untilMs, order, revoked)
  local buyer, place, admittedAt, deadline = string.match(entry, '^(%S+) (%d+) (%d+) (%d+)')
  -- Admitted in the future by now: the clock was set back, and the slot lasts its full length.
  if order == '' and tonumber(admittedAt) > now then
    untilMs = math.min(tonumber(untilMs), now + tonumber(deadline) - tonumber(admittedAt))
  end
  local isLeaving = revoked == '1' or redis.call('ZSCORE', leaving, slot) or isPast(buyer, slot, tonumber(place))
  redis.call('ZADD', active, 'GT', string.format('%.0f', untilMs), slot)
  redis.call('HSET', slots, slot, entry)
  if order ~= '' then redis.call('HSETNX', held, slot, order) end
  if isLeaving then
    redis.call('ZADD', leaving, 'NX', now, slot)
    -- The ticket of a later place must count, whatever Redis kept.
    if redis.call('HGET', slotOf, buyer) == slot then redis.call('HDEL', slotOf, buyer) end
    return
  end
  redis.call('HSET', slotOf, buyer, slot)
  for _, queue in ipairs({ line, presentUntil, absent, returning, keptUntil }) do redis.call('ZREM', queue, buyer) end
end

for index = 3, #ARGV, 5 do
  if not redis.call('ZSCORE', ended, ARGV[index]) then restore(unpack(ARGV, index, index + 4)) end
end
redis.call('HSET', sale, 'leaving', redis.call('ZCARD', leaving))
endWithSale(sale, { active, slots, slotOf, leaving, held }, now)
return 1
