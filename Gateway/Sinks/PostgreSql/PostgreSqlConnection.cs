using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace Gateway.Sinks;

/// <summary>One connection to a server, with the table ready, and not used again once something other than a message has failed. Of one loop.</summary>
internal sealed class PostgreSqlConnection : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _connection;
    private readonly TimeSpan _patience;
    private string _insert = "";

    private PostgreSqlConnection(PostgreSqlSinkSettings settings)
    {
        _patience = TimeSpan.FromSeconds(settings.TimeoutSeconds);
        _source = NpgsqlDataSource.Create(PostgreSqlOptions.Of(settings));
        _connection = _source.CreateConnection();
    }

    public bool IsAlive => _connection.FullState is ConnectionState.Open;

    /// <summary>Connects, and makes the table ready.</summary>
    /// <exception cref="IOException">The table is not such as the sink needs, or the server refused something: no message is to blame for that.</exception>
    public static async Task<PostgreSqlConnection> OpenAsync(PostgreSqlSinkSettings settings, CancellationToken cancellation)
    {
        var opened = new PostgreSqlConnection(settings);
        try
        {
            await opened._connection.OpenAsync(cancellation);
            opened._insert = PostgreSqlStatements.Insert(await new PostgreSqlTable(opened._connection, settings).ReadyAsync(cancellation));
            await using var batch = new NpgsqlCommand(PostgreSqlStatements.CreateBatch, opened._connection);
            await batch.ExecuteNonQueryAsync(cancellation);
            return opened;
        }
        catch (PostgresException error)
        {
            await opened.DisposeAsync();
            throw new IOException(PostgreSqlErrors.Describe(error), error);
        }
        catch (Exception)
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes messages, all or none. When it returns they are safe.</summary>
    public async Task WriteAsync(IReadOnlyList<SinkMessage> messages, CancellationToken cancellation)
    {
        await using var transaction = await _connection.BeginTransactionAsync(cancellation);
        await CopyAsync(messages, cancellation);
        await using var insert = new NpgsqlCommand(_insert, _connection, transaction);
        await insert.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _source.DisposeAsync();
    }

    private async Task CopyAsync(IReadOnlyList<SinkMessage> messages, CancellationToken cancellation)
    {
        await using var copy = await _connection.BeginBinaryImportAsync(PostgreSqlStatements.CopyBatch, cancellation);
        copy.Timeout = _patience;
        for (var place = 0; place < messages.Count; place++)
        {
            var row = PostgreSqlRow.Of(messages[place]);
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(place, NpgsqlDbType.Integer, cancellation);
            foreach (var column in PostgreSqlColumn.All)
            {
                await column.WriteAsync(copy, row, cancellation);
            }
        }

        await copy.CompleteAsync(cancellation);
    }
}
