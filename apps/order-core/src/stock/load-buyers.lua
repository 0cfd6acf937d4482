-- Loads earlier purchases of buyers into a partial stock, so that their next orders are judged by them. Each buyer
-- once. The data may be older or newer than Redis in two respects: orders that were pending when the stock was rebuilt,
-- which count until their end is settled here, and corrections, which count from when they are made here.
--
-- KEYS  1 meta  2 loaded  3 ledger  4 slots  5 units  6 corrected   (see keys.ts)
-- ARGV  1 "n:run_id" that the buyers were not loaded in, from before the ledger was read
--       2 JSON: per buyer (at most 64) { buyer, units: {sku: units}, released: [order, …], open: {order:
--       "sku|quantity|priceMinor,…"},
--         corrections: {id: {sku: units}}, slots: [slot, order, …] of orders that are over }
-- Returns 1, or 0 when the stock was rebuilt since.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end

local function add(units, lines, sign)
  for sku, quantity in string.gmatch(lines, '([^|,]+)|(%d+)|%d+') do
    units[sku] = (units[sku] or 0) + sign * quantity
  end
end

local function load(each)
  local units = each.units
  for _, order in ipairs(each.released) do
    local entry = redis.call('HGET', KEYS[3], order)
    if not entry then
      redis.call('HSET', KEYS[3], order, 'released')
    elseif string.sub(entry, 1, 1) == '[' then
      add(units, cjson.decode(entry)[3], 1)
    end
  end
  for order, lines in pairs(each.open) do
    if redis.call('HGET', KEYS[3], order) == 'released' then add(units, lines, -1) end
  end
  for id, lines in pairs(each.corrections) do
    if redis.call('SISMEMBER', KEYS[6], id) == 0 then
      for sku, quantity in pairs(lines) do units[sku] = (units[sku] or 0) - quantity end
    end
  end
  for i = 1, #each.slots, 2 do redis.call('HSET', KEYS[4], each.slots[i], each.slots[i + 1]) end
  for sku, count in pairs(units) do
    if count > 0 then redis.call('HSET', KEYS[5], sku .. '|' .. each.buyer, count) end
  end
end

for _, each in ipairs(cjson.decode(ARGV[2])) do
  if redis.call('SADD', KEYS[2], each.buyer) == 1 then load(each) end
end
return 1
