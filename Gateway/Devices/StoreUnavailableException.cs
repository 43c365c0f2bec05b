namespace Gateway.Devices;

/// <summary>A store could not be read or written; of a write nothing has happened. Whoever caused it is asked to come back.</summary>
internal sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
