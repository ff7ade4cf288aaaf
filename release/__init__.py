"""What a release consists of beside its wheels: bills of materials and notes."""
