#!lua flags=allow-oom
-- Ends the holds of orders of one sale and returns their units. A state moves forward only (reserved → pending → sold |
-- released) in the same call, so that repeats and late calls change nothing.
--
-- KEYS  1 meta  2 stock  3 held  4 sold  5 units  6 holds  7 slots  8 ledger
--       9… per order: its hold   (see keys.ts)
-- ARGV  1 run_id the connection talks to   2… per order (at most 128):
--       order   outcome: sold | released | undone   '1': the slot may start another order
--       for undone: the attempt that gives up, else ''
-- `undone` takes back a hold that never became an order and forgets it, unless it is past `reserved` or was adopted
-- since.
-- Returns { per order: settled · unchanged · conflict (it ended the other way) · unknown }, or rebuild
-- In a partial stock a missing order was over before the rebuild: unchanged.
--- @include "./epoch.inc.lua"
local notHere = redis.call('HGET', KEYS[1], 'partial') and 'unchanged' or 'unknown'

local function payBack(lines, buyer, outcome)
  for sku, quantity in string.gmatch(lines, '([^|,]+)|(%d+)|%d+') do
    redis.call('HINCRBY', KEYS[3], sku, -quantity)
    if outcome == 'sold' then
      redis.call('HINCRBY', KEYS[4], sku, quantity)
    else
      redis.call('HINCRBY', KEYS[2], sku, quantity)
      local mine = sku .. '|' .. buyer
      if redis.call('HINCRBY', KEYS[5], mine, -quantity) <= 0 then redis.call('HDEL', KEYS[5], mine) end
    end
  end
end

-- Returns what a rebuild wrote about an order that it found in the ledger: its state, and for a pending one the lines,
-- the buyer and the slot.
local function fromLedger(order)
  local entry = redis.call('HGET', KEYS[8], order)
  if not entry or string.sub(entry, 1, 1) ~= '[' then return entry end
  local buyer, slot, lines = unpack(cjson.decode(entry))
  return 'pending', lines, buyer, slot
end

local function endHold(record, order, outcome, releasesSlot, ownAttempt)
  local state, heldIn, lines, buyer, slot, attempt =
    unpack(redis.call('HMGET', record, 'state', 'epoch', 'lines', 'buyer', 'slot', 'attempt'))
  local recorded = state and heldIn == epoch
  if not recorded then state, lines, buyer, slot, attempt = fromLedger(order) end
  if not state then return notHere end
  local open = state == 'reserved' or state == 'pending'
  if outcome == 'undone' and (state ~= 'reserved' or attempt ~= ownAttempt) then return 'unchanged' end
  if not open and state ~= outcome then return 'conflict' end
  if (releasesSlot == '1' or outcome == 'undone') and slot and redis.call('HGET', KEYS[7], slot) == order then
    redis.call('HDEL', KEYS[7], slot)
  end
  if not open then return 'unchanged' end

  payBack(lines, buyer, outcome)
  redis.call('ZREM', KEYS[6], order)
  if not recorded then
    redis.call('HSET', KEYS[8], order, outcome)
  elseif outcome == 'undone' then
    redis.call('DEL', record)
  else
    redis.call('HSET', record, 'state', outcome)
    redis.call('HDEL', record, 'lines', 'currency', 'version')
    -- The fields that a process of an older version wrote. A pending hold has lost them before.
    if state == 'reserved' then redis.call('HDEL', record, 'draft', 'attempt', 'method', 'email', 'trace') end
  end
  return 'settled'
end

local outcomes = {}
for i = 9, #KEYS do
  local at = 4 * (i - 9) + 2
  outcomes[i - 8] = endHold(KEYS[i], ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3])
end
return outcomes
