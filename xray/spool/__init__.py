"""What was received and is not yet answered: durable, shared by server and node."""
