#!lua flags=allow-oom
-- Counts units as sold that were available, or as available again where the number is negative: what Postgres has
-- committed without a hold. Each correction counts once in an epoch. What is available may fall below zero while holds
-- exist that Postgres has not accepted: it rejects as many of them.
--
-- KEYS  1 meta  2 stock  3 sold  4 units  5 loaded  6 corrected   (see keys.ts)
-- ARGV  1 run_id the connection talks to   2… per correction (at most 128): id, buyer, "sku|quantity,…"
-- Returns { per correction: corrected · unchanged }, or rebuild
--- @include "./epoch.inc.lua"
local partial = redis.call('HGET', KEYS[1], 'partial')
local outcomes = {}
for at = 2, #ARGV, 3 do
  local id, buyer, lines = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local isNew = redis.call('SADD', KEYS[6], id) == 1
  if isNew then
    -- A buyer who is not loaded gets units from Postgres later, these included.
    local isLoaded = not partial or redis.call('SISMEMBER', KEYS[5], buyer) == 1
    for sku, quantity in string.gmatch(lines, '([^|,]+)|(-?%d+)') do
      redis.call('HINCRBY', KEYS[2], sku, -quantity)
      redis.call('HINCRBY', KEYS[3], sku, quantity)
      local mine = sku .. '|' .. buyer
      if isLoaded and redis.call('HINCRBY', KEYS[4], mine, quantity) <= 0 then redis.call('HDEL', KEYS[4], mine) end
    end
  end
  outcomes[#outcomes + 1] = isNew and 'corrected' or 'unchanged'
end
return outcomes
