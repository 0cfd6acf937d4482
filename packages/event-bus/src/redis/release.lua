-- Releases a lease, so that another consumer may take the partition at once. The fence stays and keeps growing.
--
-- KEYS[1] lease (hash: owner, fence, until)
-- ARGV[1] consumer    ARGV[2] fence of its lease
-- Returns 1, or 0 with nothing changed: another consumer holds the lease.
local held = redis.call('HMGET', KEYS[1], 'owner', 'fence')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'owner', 'until')
return 1
