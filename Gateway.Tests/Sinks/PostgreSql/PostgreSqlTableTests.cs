using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.Sinks.PostgreSql;

/// <summary>The table that the sink makes, and those that people make. All tests share a server; each has a table of its own.</summary>
internal sealed partial class PostgreSqlTableTests
{
    private static readonly SinkMessage[] Two = SomeMessages.Of("""{"values":[1]}""", """{"values":[2]}""");

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
    public async Task Several_gateways_that_start_at_once_make_one_table()
    {
        const string table = "Farm.Readings of \"today\"";
        PostgreSqlSink[] sinks = [.. Enumerable.Range(0, 8).Select(_ => new PostgreSqlSink("a", Settings with { Table = table }))];

        var deliveries = await Task.WhenAll(sinks.Select((sink, i) => sink.WriteAsync([Two[0] with { Id = new MessageId($"g{i}", 1, 0) }], CancellationToken.None)));

        Assert.That(deliveries.Select(delivery => delivery.Problem), Is.All.Null);
        Assert.That(await _server.QueryAsync("SELECT message_id FROM \"Farm\".\"Readings of \"\"today\"\"\" ORDER BY 1"), Is.EqualTo(Enumerable.Range(0, 8).Select(i => new object[] { $"g{i}-1-0" })));
        foreach (var sink in sinks)
        {
            await sink.DisposeAsync();
        }
    }

    [Test]
    public async Task The_table_and_the_question_of_the_guide_work_when_they_are_pasted()
    {
        var sql = SqlExample().Matches((await File.ReadAllTextAsync(Repository.PathOf("docs", "sinks.md"))).ReplaceLineEndings("\n")).Select(match => match.Groups[1].Value).ToList();

        await _server.ExecuteAsync(sql[0]);
        Assert.That(await ProblemAsync(Settings with { Table = "readings", CreateTable = false }), Is.Null);
        Assert.That(await _server.QueryAsync("SELECT attname || format_type(atttypid, atttypmod) || attnotnull FROM pg_attribute WHERE attrelid = 'readings'::regclass AND attnum > 0 ORDER BY attnum"),
            Is.EqualTo(PostgreSqlColumn.All.Select(column => new object[] { $"{column.Name}{column.Type.Replace("timestamptz", "timestamp with time zone", StringComparison.Ordinal)}{(column.Required ? "true" : "false")}" })));
        await _server.ExecuteAsync("UPDATE readings SET time = now(), index = 'TEMPERATURE', labels = '{cold-room}'");
        Assert.That((await _server.QueryAsync(sql[1]))[0][1..], Is.EqualTo(new object[] { 1.5, 2.0 }));
    }

    [TestCase("ADD place_of_work text")]
    [TestCase("ADD seen timestamptz NOT NULL DEFAULT now()")]
    [TestCase("ADD number bigint GENERATED ALWAYS AS IDENTITY")]
    [TestCase("ADD celsius double precision GENERATED ALWAYS AS (value) STORED")]
    public async Task A_table_may_have_more_columns(string change)
    {
        await CreateTableAsync($"ALTER TABLE {Table} {change}");
        Assert.That(await ProblemAsync(), Is.Null);
        Assert.That(await _server.QueryAsync($"SELECT count(*) FROM {Table}"), Is.EqualTo(new object[][] { [2L] }));
    }

    [TestCase("DROP unit, DROP labels", "the table {0} has no unit text, labels text[]: add what is missing, or name another table")]
    [TestCase("ADD room text NOT NULL", "the table {0} wants a value for room, of which the sink knows nothing: give it a default, or let it be null")]
    [TestCase("DROP CONSTRAINT {0}_pkey", "there is no unique or exclusion constraint matching the ON CONFLICT specification (42P10): the table needs PRIMARY KEY (time, message_id)")]
    [TestCase("ALTER value TYPE boolean USING NULL", "column \"value\" is of type boolean but expression is of type double precision (42804): You will need to rewrite or cast the expression.")]
    [TestCase("RENAME TO {0}_old", "there is no table {0}, and create_table is false")]
    public async Task What_is_wrong_with_a_table_is_told_and_waited_for(string change, string problem)
    {
        await CreateTableAsync($"ALTER TABLE {Table} {string.Format(CultureInfo.InvariantCulture, change, Table)}");

        await using var sink = new PostgreSqlSink("a", Settings with { CreateTable = false });
        var delivery = await sink.WriteAsync(Two, CancellationToken.None);
        Assert.That((delivery.Again.Count, delivery.Problem), Is.EqualTo((2, string.Format(CultureInfo.InvariantCulture, problem, Table))));

        await CreateTableAsync(before: $"DROP TABLE IF EXISTS {Table}");
        Assert.That((await sink.WriteAsync(delivery.Again, CancellationToken.None)).Again, Is.Empty, "it is mended");
    }

    [Test]
    public async Task A_partition_that_is_missing_is_waited_for()
    {
        await CreateTableAsync($"ALTER TABLE {Table} RENAME TO {Table}_model; CREATE TABLE {Table} (LIKE {Table}_model INCLUDING INDEXES) PARTITION BY RANGE (time)");
        await using var sink = new PostgreSqlSink("a", Settings);

        Assert.That((await sink.WriteAsync(Two, CancellationToken.None)).Problem, Is.EqualTo($"no partition of relation \"{Table}\" found for row (23514)"));
        await _server.ExecuteAsync($"CREATE TABLE {Table}_rest PARTITION OF {Table} DEFAULT");
        Assert.That((await sink.WriteAsync(Two, CancellationToken.None)).Problem, Is.Null);
    }

    [Test]
    public async Task What_goes_wrong_while_the_table_is_made_is_no_message_s_fault()
    {
        await _server.ExecuteAsync(
            """
            CREATE FUNCTION refuse_tables() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no tables'; END $$;
            CREATE EVENT TRIGGER refuse_tables ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION refuse_tables()
            """);
        await using var sink = new PostgreSqlSink("a", Settings);
        try
        {
            var delivery = await sink.WriteAsync(Two, CancellationToken.None);

            Assert.That((delivery.Again.Count, delivery.Problem), Is.EqualTo((2, "no tables (P0001)")));
        }
        finally
        {
            await _server.ExecuteAsync("DROP EVENT TRIGGER refuse_tables");
        }
    }

    // TimescaleDB is not to be had everywhere: what the sink asks of it is, word for word.
    [TestCase(true, "time true")]
    [TestCase(false, null)]
    public async Task A_new_table_becomes_a_hypertable_where_TimescaleDB_is(bool hypertable, string? called)
    {
        await _server.ExecuteAsync(
            $"""
            SET allow_system_table_mods = on;
            CREATE SCHEMA "Time Scale";
            CREATE TABLE "Time Scale".calls (relation text, call text);
            CREATE FUNCTION "Time Scale".create_hypertable(relation regclass, time_column_name name, if_not_exists boolean DEFAULT false) RETURNS void LANGUAGE sql
                AS $$ INSERT INTO "Time Scale".calls VALUES (relation::text, time_column_name || ' ' || if_not_exists) $$;
            INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion) VALUES (99999, 'timescaledb', 10, '"Time Scale"'::regnamespace, false, '2')
            """);
        try
        {
            Assert.That(await ProblemAsync(Settings with { Hypertable = hypertable }), Is.Null);
            var calls = await _server.QueryAsync($"SELECT call FROM \"Time Scale\".calls WHERE relation = '{Table}'");
            Assert.That(calls.Select(row => row[0]), Is.EqualTo(called is null ? [] : new[] { called }));
        }
        finally
        {
            await _server.ExecuteAsync("SET allow_system_table_mods = on; DELETE FROM pg_extension WHERE extname = 'timescaledb'; DROP SCHEMA \"Time Scale\" CASCADE");
        }
    }

    private async Task<string?> ProblemAsync(PostgreSqlSinkSettings? settings = null)
    {
        await using var sink = new PostgreSqlSink("a", settings ?? Settings);
        return (await sink.WriteAsync(Two, CancellationToken.None)).Problem;
    }

    [GeneratedRegex("```sql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex SqlExample();

    private Task CreateTableAsync(string andThen = "", string before = "") =>
        _server.ExecuteAsync($"{before};{PostgreSqlStatements.CreateTable(PostgreSqlName.Parse(Table))};{andThen}");
}
