namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>What is behind a sink in a run: a server that is stopped and started, keeps what it has taken, and shows it in the end.</summary>
internal interface ISinkServer : IAsyncDisposable
{
    /// <summary>Where it listens, always at the same port; null where there is no wire that could be cut.</summary>
    int? Port { get; }

    /// <summary>The sink's settings, without those that all sinks have: <c>"type": "http", "url": "http://127.0.0.1:1234"</c>.</summary>
    /// <param name="port">The port to connect to, behind which something may cut the wire.</param>
    string Settings(int port);

    /// <summary>Starts it, or starts it again with what it had.</summary>
    /// <param name="advertised">The port that clients are to be told, where a protocol tells them.</param>
    Task StartAsync(int advertised);

    Task StopAsync();

    /// <summary>What has arrived since the last call, each with its id, in the order in which it came.</summary>
    Task<IReadOnlyList<(ReadOnlyMemory<byte> Body, string Id)>> TakeArrivedAsync();
}
