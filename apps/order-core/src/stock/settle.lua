-- Ends one order's hold and pays back what its record says. The state moves forward only (reserved → pending → sold |
-- released) in the same call, so that repeats and late calls change nothing.
--
-- KEYS  1 meta  2 stock  3 held  4 sold  5 units  6 holds  7 slots  8 the order's hold   (see keys.ts)
-- ARGV  1 run_id the connection talks to   2 order   3 outcome: sold | released | undone
--       4 '1': the slot may start another order   5 for undone: the attempt that gives up
-- `undone` takes back a hold that never became an order and forgets it, unless it is past `reserved` or was adopted since.
-- Returns settled · unchanged · conflict (it ended the other way) · unknown · rebuild
local epoch, runId = string.match(redis.call('HGET', KEYS[1], 'epoch') or '', '^(%d+):(.+)$')
if runId ~= ARGV[1] then return 'rebuild' end
local state, heldIn, lines, buyer, slot, attempt =
  unpack(redis.call('HMGET', KEYS[8], 'state', 'epoch', 'lines', 'buyer', 'slot', 'attempt'))
if not state or heldIn ~= epoch then return 'unknown' end

local outcome = ARGV[3]
local open = state == 'reserved' or state == 'pending'
if outcome == 'undone' and (state ~= 'reserved' or attempt ~= ARGV[5]) then return 'unchanged' end
if not open and state ~= outcome then return 'conflict' end
if (ARGV[4] == '1' or outcome == 'undone') and redis.call('HGET', KEYS[7], slot) == ARGV[2] then
  redis.call('HDEL', KEYS[7], slot)
end
if not open then return 'unchanged' end

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
redis.call('ZREM', KEYS[6], ARGV[2])
if outcome == 'undone' then
  redis.call('DEL', KEYS[8])
else
  redis.call('HSET', KEYS[8], 'state', outcome)
  redis.call('HDEL', KEYS[8], 'method', 'email', 'trace', 'attempt', 'lines', 'currency')
end
return 'settled'
