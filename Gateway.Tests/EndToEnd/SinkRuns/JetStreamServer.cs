using System.Globalization;
using System.Text;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>nats-server with a stream that the sink creates.</summary>
internal sealed class JetStreamServer : ISinkServer
{
    private readonly NatsServer _server = new();
    private ulong _taken;

    public int? Port => _server.Port;

    public string Settings(int port) => string.Create(CultureInfo.InvariantCulture, $"\"type\": \"nats\", \"url\": \"nats://127.0.0.1:{port}\", \"timeout_seconds\": 5");

    public Task StartAsync(int advertised) => _server.StartAsync();

    public Task StopAsync() => _server.StopAsync();

    public async Task<IReadOnlyList<(ReadOnlyMemory<byte> Body, string Id)>> TakeArrivedAsync()
    {
        var messages = await _server.ReadAsync("readings", after: _taken);
        _taken += (ulong)messages.Count;
        return [.. messages.Select(message => ((ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(message.Data!), message.Headers!["Nats-Msg-Id"].ToString()))];
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
