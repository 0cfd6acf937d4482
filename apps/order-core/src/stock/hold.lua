-- Takes the stock of orders of one sale, one after the other; for each order all of its items or none. A known order is
-- returned before anything else is judged, so a second run changes nothing but the commit deadline of a hold that is
-- still `reserved`. Several orders share one call, since the call itself costs as much as holding one of them.
--
-- KEYS  1 meta  2 items  3 stock  4 held  5 sold  6 units  7 holds  8 slots  9 barred  10 ledger  11 loaded
--       12… per order: its hold   (see keys.ts)
-- ARGV  1 run_id the connection talks to   2… per order (at most 64):
--       order   buyer   slot   request hash   why no new order may start, or ''   commit deadline (ms from now)
--       '1': a payment method was named   expected currency or ''   lines: "sku|quantity|expected price or '',…"
--       draft: kept with the hold unchanged   voucher: '' or "minimum|highest total that it pays in full"
-- Returns per order { kind, … }: known · key-reused · rebuild · refused · revoked (the slot is barred) · too-expensive
--   not-loaded, "n:run_id": what the buyer bought before the rebuild is not loaded; see load-buyers.lua
--   method-missing: the order costs something and has no payment method
--   voucher-minimum: it costs less than the voucher requires
--   held | adopted, epoch, attempt, currency, "sku|quantity|priceMinor,…", slot that it is bound to, version of the
--   catalogue that it was judged by, or '' (a process of an older release took it) · order-exists, order
--   unknown-sku | over-limit, sku… · price-changed, currency, then sku, price… · sold-out, then sku, quantity,
--   available, unsold…
--   unless-known, then one of these rejections: the buyer has units, and an order sold before a rebuild may be this one
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'currency', 'partial', 'version')
local epoch, runId = string.match(meta[1] or '', '^(%d+):(.+)$')
local currency, partial, version = meta[2] or '', meta[3], meta[4] or ''
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Returns the rejection, or the packed lines and what to take: sku, quantity, sku, quantity …
local function judge(buyer, expectedCurrency, hasMethod, requested, voucher)
  local unknown, changed, over, short = { 'unknown-sku' }, { 'price-changed', currency }, { 'over-limit' }, { 'sold-out' }
  local isOtherCurrency = expectedCurrency ~= '' and expectedCurrency ~= currency
  local total, packed, wanted, bought = 0, {}, {}, false
  for sku, units, expected in string.gmatch(requested, '([^|,]+)|(%d+)|(%d*)') do
    local quantity = tonumber(units)
    local price, limit, supply = string.match(redis.call('HGET', KEYS[2], sku) or '', '^(%d+)|(%d+)|(%d+)$')
    if not price then
      unknown[#unknown + 1] = sku
    else
      if isOtherCurrency or (expected ~= '' and expected ~= price) then
        changed[#changed + 1], changed[#changed + 2] = sku, price
      end
      local mine = tonumber(redis.call('HGET', KEYS[6], sku .. '|' .. buyer) or 0)
      bought = bought or mine > 0
      if mine + quantity > tonumber(limit) then over[#over + 1] = sku end
      local available = tonumber(redis.call('HGET', KEYS[3], sku) or 0)
      if available < quantity then
        local unsold = tonumber(supply) - tonumber(redis.call('HGET', KEYS[5], sku) or 0)
        for _, each in ipairs({ sku, quantity, math.max(0, available), math.max(0, unsold) }) do short[#short + 1] = each end
      end
      total = total + tonumber(price) * quantity
      packed[#packed + 1] = sku .. '|' .. units .. '|' .. price
      wanted[#wanted + 1] = sku
      wanted[#wanted + 1] = units
    end
  end
  local minimum, paidInFull = string.match(voucher, '^(%d+)|(%d+)$')
  local rejection
  if #unknown > 1 then rejection = unknown
  elseif #changed > 2 then rejection = changed
  elseif minimum and total < tonumber(minimum) then rejection = { 'voucher-minimum' }
  elseif total > tonumber(paidInFull or 0) and not hasMethod then rejection = { 'method-missing' }
  elseif total > 9007199254740991 then rejection = { 'too-expensive' }
  elseif #over > 1 then rejection = over
  elseif #short > 1 then rejection = short
  end
  if rejection and bought then table.insert(rejection, 1, 'unless-known') end
  return rejection, table.concat(packed, ','), wanted
end

local function hold(record, at)
  local order, buyer, slot, hash, barrier, commitMs, hasMethod, expectedCurrency, requested, draft, voucher =
    unpack(ARGV, at, at + 10)
  local state, knownHash, heldIn, knownLines, knownSlot, knownVersion =
    unpack(redis.call('HMGET', record, 'state', 'hash', 'epoch', 'lines', 'slot', 'version'))
  -- A hold past `reserved` has its row in Postgres, whatever became of Redis since. A `reserved` one counts in its
  -- epoch.
  local reserved = state == 'reserved' and heldIn == epoch
  if reserved or (state and state ~= 'reserved') then
    if knownHash ~= hash then return { 'key-reused' } end
    if not reserved then return { 'known' } end
  end
  if not reserved and redis.call('HEXISTS', KEYS[10], order) == 1 then return { 'known' } end
  if runId ~= ARGV[1] then return { 'rebuild' } end

  local deadline = now + commitMs
  if reserved then
    redis.call('ZADD', KEYS[7], deadline, order)
    return { 'adopted', epoch, redis.call('HINCRBY', record, 'attempt', 1), currency, knownLines, knownSlot,
      knownVersion or '' }
  end
  if partial and redis.call('SISMEMBER', KEYS[11], buyer) == 0 then return { 'not-loaded', meta[1] } end
  local bound = redis.call('HGET', KEYS[8], slot)
  -- Only a rebuild, or the loading of a buyer, binds a slot to an order without a record.
  if bound == order then return { 'known' } end
  if bound then return { 'order-exists', bound } end
  if barrier ~= '' then return { 'refused' } end
  if redis.call('ZSCORE', KEYS[9], slot) then return { 'revoked' } end
  local rejection, lines, wanted = judge(buyer, expectedCurrency, hasMethod ~= '', requested, voucher)
  if rejection then return rejection end

  for i = 1, #wanted, 2 do
    redis.call('HINCRBY', KEYS[3], wanted[i], -wanted[i + 1])
    redis.call('HINCRBY', KEYS[4], wanted[i], wanted[i + 1])
    redis.call('HINCRBY', KEYS[6], wanted[i] .. '|' .. buyer, wanted[i + 1])
  end
  redis.call('ZADD', KEYS[7], deadline, order)
  redis.call('HSET', KEYS[8], slot, order)
  if state then redis.call('DEL', record) end
  redis.call('HSET', record, 'state', 'reserved', 'hash', hash, 'epoch', epoch, 'attempt', 1, 'buyer', buyer,
    'slot', slot, 'currency', currency, 'lines', lines, 'draft', draft, 'version', version)
  return { 'held', epoch, 1, currency, lines, slot, version }
end

local replies = {}
for i = 12, #KEYS do replies[i - 11] = hold(KEYS[i], 11 * (i - 12) + 2) end
return replies
