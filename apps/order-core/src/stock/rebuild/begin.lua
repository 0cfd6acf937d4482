#!lua flags=allow-oom
-- Begins a rebuild: from here on every script of the sale replies `rebuild`, and a previous rebuild writes no more.
-- Keeps the number of the newest epoch that this Redis knows, so that no later rebuild reuses it.
--
-- KEYS  1 rebuilding  2 meta  3… what a rebuild rewrites   (see keys.ts)
-- ARGV  1 token of the rebuild
-- Returns that number.
local function numberOf(text) return tonumber(string.match(text or '', '^(%d+):') or 0) end
local epoch = math.max(numberOf(redis.call('HGET', KEYS[2], 'epoch')), numberOf(redis.call('GET', KEYS[1])))
redis.call('SET', KEYS[1], string.format('%d:%s', epoch, ARGV[1]))
redis.call('UNLINK', unpack(KEYS, 2))
return epoch
