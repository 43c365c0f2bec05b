using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>A web server that keeps what it is sent before it answers 204.</summary>
internal sealed class HttpServer : ISinkServer
{
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private HttpReceiver? _receiver;

    public int? Port { get; } = FreePort.Tcp();

    public string Settings(int port) => string.Create(CultureInfo.InvariantCulture, $"\"type\": \"http\", \"url\": \"http://127.0.0.1:{port}/\", \"timeout_seconds\": 5");

    public async Task StartAsync(int advertised) => _receiver = await HttpReceiver.StartAsync(
        (context, request) =>
        {
            _bodies.Enqueue(request.Body);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        },
        Port!.Value);

    public async Task StopAsync()
    {
        await _receiver!.DisposeAsync();
        _receiver = null;
    }

    public Task<IReadOnlyList<(ReadOnlyMemory<byte> Body, string Id)>> TakeArrivedAsync() => Task.FromResult<IReadOnlyList<(ReadOnlyMemory<byte>, string)>>([.. TakeArrived()]);

    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }
    }

    private IEnumerable<(ReadOnlyMemory<byte> Body, string Id)> TakeArrived()
    {
        while (_bodies.TryDequeue(out var body))
        {
            using var json = JsonDocument.Parse(body);
            foreach (var message in json.RootElement.EnumerateArray())
            {
                yield return (Encoding.UTF8.GetBytes(message.GetRawText()), message.GetProperty("message_id").GetString()!);
            }
        }
    }
}
