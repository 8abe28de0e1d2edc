-- "What was left behind for this one?": a repeated acceptance tells the object of the accepter's old relationship again.
CREATE INDEX relationships_absorbed_into ON relationships (absorbed_into_id) WHERE absorbed_into_id IS NOT NULL;
