-- Records that the orders that changed during the rebuild have been followed, for this epoch and no other.
--
-- KEYS  1 meta   (see keys.ts)
-- ARGV  1 "n:run_id"
-- Returns 1, or 0 when the stock was rebuilt again since.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'followFrom')
return 1
