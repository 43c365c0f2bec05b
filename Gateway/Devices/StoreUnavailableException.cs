namespace Gateway.Devices;

/// <summary>A store could not be written: nothing of the write has happened. Whoever caused it is asked to come back.</summary>
internal sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
