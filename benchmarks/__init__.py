"""What one machine carries: each figure beside a base measured in the same minute, so that machines can differ."""
