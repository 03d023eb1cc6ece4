"""Entra ID on this machine: tokens are issued as Microsoft's services issue them, and verified as Azure OpenAI verifies them."""
