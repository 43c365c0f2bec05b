using System.Globalization;

namespace Gateway.Tests.Support;

/// <summary>An MQTT broker, where mosquitto is installed. What it has taken outlives a stop, as its persistence keeps it.</summary>
internal sealed class MosquittoServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _program = ServerProcess.Find("mosquitto", "mosquitto");
    private readonly string _configuration;
    private ServerProcess? _process;

    /// <param name="lines">More lines of its configuration; <c>{folder}</c> in them is a folder of its own.</param>
    public MosquittoServer(params string[] lines)
    {
        var (port, folder) = (Port.ToString(CultureInfo.InvariantCulture), _folder.Path);

        // Started by root it would become another user, who may not write here.
        _configuration = _folder.Write("mosquitto.conf", string.Join('\n', (string[])
        [
            $"user {Environment.UserName}", $"listener {port} 127.0.0.1", "persistence true", $"persistence_location {folder}/", "max_queued_messages 0",
            .. lines.Select(line => line.Replace("{folder}", folder, StringComparison.Ordinal)), "",
        ]));
    }

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

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
