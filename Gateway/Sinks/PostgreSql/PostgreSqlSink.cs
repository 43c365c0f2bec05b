using Npgsql;

namespace Gateway.Sinks;

/// <summary>
/// Messages as rows of a table of PostgreSQL, a transaction for each batch. When something in a batch is refused, the batch is halved until
/// the message that is to blame stands alone; the order stays.
/// </summary>
internal sealed class PostgreSqlSink(string name, PostgreSqlSinkSettings settings) : ISink
{
    // Of the one loop that calls. Null until the first message, and after a failure of anything but a message.
    private PostgreSqlConnection? _connection;

    public string Name => name;

    public string Type => "postgresql";

    public async Task<Delivery> WriteAsync(IReadOnlyList<SinkMessage> batch, CancellationToken cancellation)
    {
        var refused = new List<Refusal>();
        var parts = new Stack<IReadOnlyList<SinkMessage>>([Distinct(batch)]);
        while (parts.TryPop(out var part))
        {
            try
            {
                await WritePartAsync(part, cancellation);
            }
            catch (PostgresException error) when (PostgreSqlErrors.IsOfMessage(error) && part.Count > 1)
            {
                parts.Push([.. part.Skip(part.Count / 2)]);
                parts.Push([.. part.Take(part.Count / 2)]);
            }
            catch (PostgresException error) when (PostgreSqlErrors.IsOfMessage(error))
            {
                refused.Add(new Refusal(part[0], PostgreSqlErrors.Describe(error)));
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                await DisconnectAsync();
                return new Delivery { Refused = refused, Again = [.. part, .. parts.SelectMany(rest => rest)], Problem = PostgreSqlErrors.Describe(failure) };
            }
        }

        return new Delivery { Refused = refused };
    }

    public ValueTask DisposeAsync() => DisconnectAsync();

    // One INSERT can't meet the same row twice. What is there with the same id is the same message.
    private static IReadOnlyList<SinkMessage> Distinct(IReadOnlyList<SinkMessage> batch) => [.. batch.DistinctBy(message => message.Id)];

    private async Task WritePartAsync(IReadOnlyList<SinkMessage> part, CancellationToken cancellation)
    {
        if (_connection is { IsAlive: false })
        {
            await DisconnectAsync();
        }

        _connection ??= await PostgreSqlConnection.OpenAsync(settings, cancellation);
        await _connection.WriteAsync(part, cancellation);
    }

    private async ValueTask DisconnectAsync()
    {
        var connection = _connection;
        _connection = null;
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }
}
