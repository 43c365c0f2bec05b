using System.Globalization;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Gateway.Tests.Support;

/// <summary>A NATS server with JetStream, where nats-server is installed. What it has taken outlives a stop.</summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _program = ServerProcess.Find("nats-server", "nats-server");
    private readonly string _configuration;
    private ServerProcess? _process;

    /// <param name="lines">More lines of its configuration; <c>{folder}</c> in them is a folder of its own.</param>
    public NatsServer(params string[] lines) => _configuration = _folder.Write("nats.conf", string.Join('\n', (string[])
    [
        string.Create(CultureInfo.InvariantCulture, $"listen: \"127.0.0.1:{Port}\""), $"jetstream {{ store_dir: \"{_folder.Path}/jetstream\" }}",
        .. lines.Select(line => line.Replace("{folder}", _folder.Path, StringComparison.Ordinal)), "",
    ]));

    public int Port { get; } = FreePort.Tcp();

    public TempFolder Folder => _folder;

    public async Task StartAsync() => _process = await ServerProcess.StartAsync(Port, _program, "-c", _configuration);

    public async Task StopAsync()
    {
        await _process!.StopAsync("TERM");
        _process.Dispose();
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Does something with its JetStream, as a user who may do all.</summary>
    public async Task<T> UseAsync<T>(Func<NatsJSContext, Task<T>> use, NatsAuthOpts? who = null)
    {
        await using var connection = new NatsConnection(NatsOpts.Default with
        {
            Url = string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{Port}"),
            AuthOpts = who ?? NatsAuthOpts.Default,
        });
        return await use(new NatsJSContext(connection));
    }

    /// <summary>All that a stream has, in its order.</summary>
    /// <param name="stream">The stream's name.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="after">The sequence behind which to begin.</param>
    public Task<IReadOnlyList<INatsJSMsg<string>>> ReadAsync(string stream, NatsAuthOpts? who = null, ulong after = 0) => UseAsync<IReadOnlyList<INatsJSMsg<string>>>(
        async jetStream =>
        {
            var count = (int)((await jetStream.GetStreamAsync(stream)).Info.State.LastSeq - after);
            var consumer = await jetStream.CreateOrUpdateConsumerAsync(
                stream, new ConsumerConfig { AckPolicy = ConsumerConfigAckPolicy.None, DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence, OptStartSeq = after + 1 });
            var messages = new List<INatsJSMsg<string>>();
            while (messages.Count < count)
            {
                await foreach (var message in consumer.FetchNoWaitAsync<string>(new NatsJSFetchOpts { MaxMsgs = 1000 }))
                {
                    messages.Add(message);
                }
            }

            return messages;
        },
        who);

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
