-- Moves a slot's deadline behind its order's hold. Never back: a hold may be shorter than the admission, and the slot
-- has to last as long as its pass can start another order. A slot that ended stays ended.
--
-- KEYS  active
-- ARGV  1 slot   2 deadline (ms)
-- Returns 1 when the deadline moved, else 0.
return redis.call('ZADD', KEYS[1], 'XX', 'GT', 'CH', ARGV[2], ARGV[1])
