using System.Globalization;
using System.Text;
using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.Sinks.PostgreSql;

/// <summary>The sink with PostgreSQL, on the real wire. All tests share a server; each has a table of its own.</summary>
internal sealed class PostgreSqlSinkTests
{
    private static readonly SinkMessage[] Three = SomeMessages.Of("""{"values":[1]}""", """{"values":[2]}""", """{"values":[3]}""");

    private readonly PostgresServer _server = new();
    private int _tables;

    private string Table => string.Create(CultureInfo.InvariantCulture, $"t{_tables}");

    private PostgreSqlSinkSettings Settings => new() { Connection = _server.Connection, Password = PostgresServer.Password, Table = Table };

    [OneTimeSetUp]
    public Task StartAsync() => _server.CreateAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [SetUp]
    public void AnotherTable() => _tables++;

    [Test]
    public async Task A_row_has_what_a_reading_has()
    {
        var messages = SomeMessages.OfRecord(
            """
            {"device_id":"d1","index":"ACCELERATION","values":[1.5,true,"OPEN",9007199254740993],"unit":"m/s2","timestamp":"2026-01-02T03:04:05.123456Z","label":["cold-room","b"],"metadata":{"channel":2},"request_id":"r1"}
            {"device_id":"d1","index":"ERROR","values":[],"label":[],"metadata":{}}
            """);
        await using var sink = new PostgreSqlSink("a", Settings);

        Assert.That(await sink.WriteAsync(messages, CancellationToken.None), Is.EqualTo(Delivery.AllTaken).Using<Delivery>(Same));

        // As somebody writes it who asks the table: no name needs quotes.
        var rows = await _server.QueryAsync($"SELECT time, device_id, index, value, unit, values::bigint[]::text, labels, metadata->>'channel', profile, kind, revision, request_id, message_id, body->'values'->>2, (body->'values'->>3)::numeric FROM {Table} ORDER BY time DESC");
        Assert.That(rows[0], Is.EqualTo(new object?[]
        {
            new DateTime(2026, 1, 2, 3, 4, 5, 123, 456, DateTimeKind.Utc), "d1", "ACCELERATION", 1.5, "m/s2", "{2,1,NULL,9007199254740992}",
            new[] { "cold-room", "b" }, "2", "efento", "reading", 0, "r1", $"{SomeMessages.Journal}-7-0", "OPEN", 9007199254740993m,
        }));
        Assert.That(rows[1], Is.EqualTo(new object?[]
        {
            new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), "d1", "ERROR", null, null, "{}",
            Array.Empty<string>(), null, "efento", "reading", 0, null, $"{SomeMessages.Journal}-7-1", null, null,
        }));
    }

    [Test]
    public async Task What_comes_again_is_the_same_row()
    {
        await using var sink = new PostgreSqlSink("a", Settings);

        await sink.WriteAsync([Three[0], Three[1], Three[0]], CancellationToken.None);
        var again = await sink.WriteAsync([Three[1] with { Body = "{\"values\":[22]}"u8.ToArray() }, Three[2]], CancellationToken.None);

        Assert.That((again.Again, again.Refused), Is.EqualTo((Array.Empty<SinkMessage>(), Array.Empty<Refusal>())));
        Assert.That(await ValuesAsync(), Is.EqualTo(new[] { 1.0, 22, 3 }));
    }

    [Test]
    public async Task A_NUL_becomes_a_character_that_PostgreSQL_holds()
    {
        var messages = SomeMessages.OfRecord("""{"index":"a\u0000b","values":["\u0000","\\u0000","\\\u0000"],"unit":"\u0000","label":["\u0000"],"metadata":{"\u0000":"\u0000"},"request_id":"\u0000"}""");
        await using var sink = new PostgreSqlSink("a", Settings);

        var delivery = await sink.WriteAsync(messages, CancellationToken.None);

        Assert.That((delivery.Again, delivery.Refused), Is.EqualTo((Array.Empty<SinkMessage>(), Array.Empty<Refusal>())));
        var row = (await _server.QueryAsync($"SELECT index, unit, labels[1], metadata::text, request_id, body->'values'->>0, body->'values'->>1, body->'values'->>2 FROM {Table}")).Single();
        Assert.That(row, Is.EqualTo(new object[] { "a\uFFFDb", "\uFFFD", "\uFFFD", "{\"\uFFFD\": \"\uFFFD\"}", "\uFFFD", "\uFFFD", "\\u0000", "\\\uFFFD" }));
    }

    [Test]
    public async Task The_first_and_the_last_instant_are_no_infinities()
    {
        await using var sink = new PostgreSqlSink("a", Settings);

        await sink.WriteAsync([Three[0] with { Time = DateTimeOffset.MinValue }, Three[1] with { Time = DateTimeOffset.MaxValue }], CancellationToken.None);

        Assert.That((await _server.QueryAsync($"SELECT isfinite(time), extract(year from time at time zone 'UTC')::int FROM {Table} ORDER BY time")),
            Is.EqualTo(new object[][] { [true, 1], [true, 9999] }));
    }

    [TestCase("ADD CONSTRAINT small CHECK (value <> 2)", "violates check constraint \"small\" (23514)")]
    [TestCase("ALTER COLUMN value TYPE numeric(1, 0) USING NULL", "numeric field overflow (22003)", "{\"values\":[20]}")]
    [TestCase("ADD CONSTRAINT u UNIQUE (unit)", "index row", "{\"unit\":\"{long}\"}")]
    [TestCase("", "invalid input syntax for type json (22P02)", "{\"values\":")]
    [TestCase("", "(22P02)", "{\"unit\":\"\\ud800\"}")]
    public async Task What_is_refused_is_left_out_and_the_rest_goes_on(string change, string reason, string body = "{\"values\":[2]}")
    {
        await CreateTableAsync(change.Length > 0 ? $"ALTER TABLE {Table} {change}" : "");
        var random = new Random(1);
        var longText = string.Concat(Enumerable.Range(0, 9000).Select(_ => (char)random.Next('a', 'z' + 1)));
        await using var sink = new PostgreSqlSink("a", Settings);

        var delivery = await sink.WriteAsync(
            [Three[0], Three[1] with { Body = Encoding.UTF8.GetBytes(body.Replace("{long}", longText, StringComparison.Ordinal)) }, Three[2]], CancellationToken.None);

        Assert.That(delivery.Again, Is.Empty);
        Assert.That(delivery.Refused.Select(refusal => refusal.Message.Id), Is.EqualTo(new[] { Three[1].Id }));
        Assert.That(delivery.Refused[0].Reason, Does.Contain(reason));
        Assert.That(await ValuesAsync(), Is.EqualTo(new[] { 1.0, 3 }));
    }

    [Test]
    public async Task What_a_trigger_refuses_is_left_out()
    {
        await CreateTableAsync(
            $"""
            CREATE FUNCTION refuse_{Table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.value = 2 THEN RAISE EXCEPTION 'no twos'; END IF; RETURN new; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON {Table} FOR EACH ROW EXECUTE FUNCTION refuse_{Table}()
            """);
        await using var sink = new PostgreSqlSink("a", Settings);

        var delivery = await sink.WriteAsync(Three, CancellationToken.None);

        Assert.That(delivery.Refused.Select(refusal => (refusal.Message.Id, refusal.Reason)), Is.EqualTo(new[] { (Three[1].Id, "no twos (P0001)") }));
        Assert.That(await ValuesAsync(), Is.EqualTo(new[] { 1.0, 3 }));
    }

    [TestCase("wrong", "password authentication failed for user \"postgres\" (28P01)")]
    [TestCase(null, "No password has been provided")]
    public async Task A_wrong_password_is_told_of_and_not_told(string? password, string problem)
    {
        await using var sink = new PostgreSqlSink("a", Settings with { Password = password });

        var delivery = await sink.WriteAsync(Three, CancellationToken.None);

        Assert.That(delivery.Again, Is.EqualTo(Three));
        Assert.That(delivery.Problem, Does.Contain(problem).And.Not.Contain("wrong"));
    }

    [Test]
    public async Task A_right_that_is_missing_is_waited_for()
    {
        await _server.ExecuteAsync($"CREATE ROLE {Table} LOGIN PASSWORD 's3cret'");
        await CreateTableAsync();
        await using var sink = new PostgreSqlSink("a", Settings with { Connection = _server.Connection.Replace("Username=postgres", $"Username={Table}", StringComparison.Ordinal) });

        Assert.That((await sink.WriteAsync(Three, CancellationToken.None)).Problem, Is.EqualTo($"permission denied for table {Table} (42501)"));
        await _server.ExecuteAsync($"GRANT SELECT, INSERT, UPDATE ON {Table} TO {Table}");
        Assert.That((await sink.WriteAsync(Three, CancellationToken.None)).Problem, Is.Null);
        Assert.That(await ValuesAsync(), Is.EqualTo(new[] { 1.0, 2, 3 }));
    }

    [Test]
    public async Task Of_several_servers_the_one_that_writes_is_taken()
    {
        var connection = string.Create(
            CultureInfo.InvariantCulture, $"Host=127.0.0.1:{FreePort.Tcp()},127.0.0.1:{_server.Port};Username=postgres;Database=postgres;Target Session Attributes=primary");
        await using var sink = new PostgreSqlSink("a", Settings with { Connection = connection });

        Assert.That((await sink.WriteAsync(Three, CancellationToken.None)).Problem, Is.Null);
        Assert.That(await ValuesAsync(), Is.EqualTo(new[] { 1.0, 2, 3 }));
    }

    [Test]
    public async Task TLS_trusts_whom_the_settings_name()
    {
        var secure = _server.Connection.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + ";SSL Mode=VerifyFull";
        await using var wary = new PostgreSqlSink("a", Settings with { Connection = secure });
        await using var misled = new PostgreSqlSink("a", Settings with { Connection = $"{_server.Connection};SSL Mode=VerifyFull;Root Certificate={_server.CaFile}" });
        await using var friend = new PostgreSqlSink("a", Settings with { Connection = $"{secure};Root Certificate={_server.CaFile}" });

        Assert.That((await wary.WriteAsync(Three, CancellationToken.None)).Problem, Does.Contain("certificate"), "nobody knows that authority");
        Assert.That((await misled.WriteAsync(Three, CancellationToken.None)).Problem, Does.Contain("certificate"), "the certificate has another name");
        Assert.That((await friend.WriteAsync(Three, CancellationToken.None)).Problem, Is.Null);
    }

    [Test]
    public async Task Nothing_is_lost_nor_doubled_while_the_server_comes_and_goes()
    {
        const int ofEach = 600;
        await CreateTableAsync($"ALTER TABLE {Table} ADD arrival bigserial");
        await using var link = new TcpLink(_server.Port, [.. Enumerable.Range(1, 10).Select(i => (i * 40_000L, (Func<Task>)(i % 2 == 0 ? _server.RestartAsync : () => Task.CompletedTask)))]);
        await using var use = new SinkInUse();

        await use.DeliverAsync(
            use.Settings(Settings) with { Connection = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={link.Port};Username=postgres;Database=postgres") }, ofEach);

        await use.IsDoneAsync();
        Assert.That(link.Broken, Is.EqualTo(10), $"breaks, within {link.Bytes} bytes");
        var arrivals = new Arrivals();
        foreach (var row in await _server.QueryAsync($"SELECT body::text, message_id FROM {Table} ORDER BY arrival"))
        {
            arrivals.Add(Encoding.UTF8.GetBytes((string)row[0]!), (string)row[1]!);
        }

        arrivals.AreWhole(SinkInUse.Devices, ofEach);
        Assert.That(arrivals.Count, Is.EqualTo(arrivals.Distinct), "no message is there twice");
        Assert.That(use.Log.Lines, Has.None.Contains(PostgresServer.Password));
    }

    private static bool Same(Delivery one, Delivery other) =>
        one.Again.Count == other.Again.Count && one.Refused.Count == other.Refused.Count && one.Problem == other.Problem;

    private Task CreateTableAsync(string andThen = "") => _server.ExecuteAsync($"{PostgreSqlStatements.CreateTable(PostgreSqlName.Parse(Table))};{andThen}");

    private async Task<IEnumerable<object?>> ValuesAsync() => (await _server.QueryAsync($"SELECT value::float8 FROM {Table} ORDER BY message_id")).Select(row => row[0]);
}
