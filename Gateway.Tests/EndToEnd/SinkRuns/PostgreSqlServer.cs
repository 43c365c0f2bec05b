using System.Globalization;
using System.Text;
using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>PostgreSQL, with a table that numbers its rows as they come. Its stop is a crash.</summary>
internal sealed class PostgreSqlServer : ISinkServer
{
    private readonly PostgresServer _server = new();
    private bool _isThere;
    private long _taken;

    public int? Port => _server.Port;

    public string Settings(int port) => string.Create(
        CultureInfo.InvariantCulture,
        $"\"type\": \"postgresql\", \"connection\": \"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres\", \"password\": \"{PostgresServer.Password}\", \"timeout_seconds\": 5");

    public async Task StartAsync(int advertised)
    {
        if (_isThere)
        {
            await _server.StartAsync();
            return;
        }

        await _server.CreateAsync();
        await _server.ExecuteAsync($"{PostgreSqlStatements.CreateTable(new PostgreSqlName(null, "readings"))}; ALTER TABLE readings ADD arrived bigserial");
        _isThere = true;
    }

    public Task StopAsync() => _server.StopAsync();

    // What comes twice is the same row, and keeps its number.
    public async Task<IReadOnlyList<(ReadOnlyMemory<byte> Body, string Id)>> TakeArrivedAsync()
    {
        var rows = await _server.QueryAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT arrived, body::text, message_id FROM readings WHERE arrived > {_taken} ORDER BY arrived"));
        _taken = rows.Count > 0 ? (long)rows[^1][0]! : _taken;
        return [.. rows.Select(row => ((ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes((string)row[1]!), (string)row[2]!))];
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
