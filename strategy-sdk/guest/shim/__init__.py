"""Our side of the sandbox: everything between the WIT boundary and a tenant's Python."""
