namespace Gateway.Access;

/// <summary>The gateway can't start, or a key can't be made; the message is for an admin, and says what to do.</summary>
internal sealed class AccessException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The file of keys and of the audit record can't be written now. Nothing is known to have been kept.</summary>
internal sealed class AccessUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
