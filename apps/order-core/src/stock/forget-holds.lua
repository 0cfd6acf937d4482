-- Forgets deadlines of holds without any other data: neither a record of this epoch nor an entry of the ledger.
--
-- KEYS  1 meta  2 holds  3 ledger  4… per order: its hold   (see keys.ts)
-- ARGV  1 run_id the connection talks to   2… the orders   (at most 500)
-- Returns how many it forgot, or rebuild
--- @include "./epoch.inc.lua"
local forgotten = 0
for i = 4, #KEYS do
  local order = ARGV[i - 2]
  local known = redis.call('HGET', KEYS[i], 'epoch') == epoch or redis.call('HEXISTS', KEYS[3], order) == 1
  if not known then forgotten = forgotten + redis.call('ZREM', KEYS[2], order) end
end
return forgotten
