-- Takes the stock of one order, all of its items or none. An order that is known is answered before anything else is
-- judged, so a second run changes nothing but the commit deadline of a hold that is still `reserved`.
--
-- KEYS  1 meta  2 items  3 stock  4 held  5 sold  6 units  7 holds  8 slots  9 the order's hold   (see keys.ts)
-- ARGV  1 run_id the connection talks to   2 order   3 buyer   4 slot   5 request hash
--       6 why no new order may start, or ''   7 commit deadline (ms from now)
--       8 payment method   9 sealed e-mail   10 traceparent   11… per line: sku, quantity, expected price or ''
-- Returns { kind, … }: known · key-reused · rebuild · refused · too-expensive
--   held | adopted, epoch, attempt, currency, "sku|quantity|priceMinor,…" · order-exists, order
--   unknown-sku | price-changed | over-limit, sku… · sold-out, '1' when everything is sold, sku…
local epoch, runId = string.match(redis.call('HGET', KEYS[1], 'epoch') or '', '^(%d+):(.+)$')
local state, hash, heldIn, lines = unpack(redis.call('HMGET', KEYS[9], 'state', 'hash', 'epoch', 'lines'))
-- What is past `reserved` has its row in Postgres, whatever became of Redis since. A `reserved` one counts in its epoch.
local reserved = state == 'reserved' and heldIn == epoch
if reserved or (state and state ~= 'reserved') then
  if hash ~= ARGV[5] then return { 'key-reused' } end
  if not reserved then return { 'known' } end
end
if runId ~= ARGV[1] then return { 'rebuild' } end

local time = redis.call('TIME')
local deadline = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[7]
local currency = redis.call('HGET', KEYS[1], 'currency') or ''
if reserved then
  redis.call('ZADD', KEYS[7], deadline, ARGV[2])
  return { 'adopted', epoch, redis.call('HINCRBY', KEYS[9], 'attempt', 1), currency, lines }
end
local bound = redis.call('HGET', KEYS[8], ARGV[4])
if bound and bound ~= ARGV[2] then return { 'order-exists', bound } end
if ARGV[6] ~= '' then return { 'refused' } end

local unknown, changed, over, short = { 'unknown-sku' }, { 'price-changed' }, { 'over-limit' }, { 'sold-out', '0' }
local total, taken = 0, {}
for i = 11, #ARGV, 3 do
  local sku, quantity, expected = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2]
  local price, limit, units = string.match(redis.call('HGET', KEYS[2], sku) or '', '^(%d+)|(%d+)|(%d+)$')
  if not price then
    unknown[#unknown + 1] = sku
  else
    if expected ~= '' and expected ~= price then changed[#changed + 1] = sku end
    local mine = tonumber(redis.call('HGET', KEYS[6], sku .. '|' .. ARGV[3]) or 0)
    if mine + quantity > tonumber(limit) then over[#over + 1] = sku end
    if tonumber(redis.call('HGET', KEYS[3], sku) or 0) < quantity then
      short[#short + 1] = sku
      if tonumber(redis.call('HGET', KEYS[5], sku) or 0) >= tonumber(units) then short[2] = '1' end
    end
    total = total + tonumber(price) * quantity
    taken[#taken + 1] = sku .. '|' .. ARGV[i + 1] .. '|' .. price
  end
end
if #unknown > 1 then return unknown end
if #changed > 1 then return changed end
if total > 9007199254740991 then return { 'too-expensive' } end
if #over > 1 then return over end
if #short > 2 then return short end

for i = 11, #ARGV, 3 do
  redis.call('HINCRBY', KEYS[3], ARGV[i], -ARGV[i + 1])
  redis.call('HINCRBY', KEYS[4], ARGV[i], ARGV[i + 1])
  redis.call('HINCRBY', KEYS[6], ARGV[i] .. '|' .. ARGV[3], ARGV[i + 1])
end
lines = table.concat(taken, ',')
redis.call('ZADD', KEYS[7], deadline, ARGV[2])
redis.call('HSET', KEYS[8], ARGV[4], ARGV[2])
redis.call('DEL', KEYS[9])
redis.call('HSET', KEYS[9], 'state', 'reserved', 'hash', ARGV[5], 'epoch', epoch, 'attempt', 1, 'buyer', ARGV[3],
  'slot', ARGV[4], 'currency', currency, 'lines', lines, 'method', ARGV[8], 'email', ARGV[9], 'trace', ARGV[10])
return { 'held', epoch, 1, currency, lines }
