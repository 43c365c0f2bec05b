using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Gateway.Tests.Support;

/// <summary>A PostgreSQL server with a cluster of its own, where PostgreSQL is installed. What is committed outlives a stop.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    public const string Password = "s3cret";

    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private ServerProcess? _process;

    public int Port { get; } = FreePort.Tcp();

    /// <summary>How an administrator connects, without the password.</summary>
    public string Connection => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres");

    /// <summary>The certificate of the authority that knows the server by the name <c>localhost</c>.</summary>
    public string CaFile => _folder.PathOf("ca.pem");

    public async Task CreateAsync()
    {
        _authority.Write(_folder);
        var password = _folder.Write("password", Password);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "-R", "postgres", _folder.Path);
        }

        // The server asks for passwords on TCP, and writes nothing to the disk itself that only a crash of the machine could lose.
        await RunAsync([.. AsUser("initdb"), "-D", _folder.PathOf("data"), "-U", "postgres", "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--locale=C", "--no-sync"]);
        await StartAsync();
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Does something as the administrator.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>All rows, each as a list of its columns.</summary>
    public async Task<IReadOnlyList<object?[]>> QueryAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : reader.GetValue(column))]);
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await StopAsync();
        }

        _authority.Dispose();
        _folder.Dispose();
    }

    public async Task StartAsync()
    {
        string[] command =
        [
            .. AsUser("postgres"), "-D", _folder.PathOf("data"), "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-k", _folder.Path,
            "-c", "fsync=off", "-c", "ssl=on", "-c", $"ssl_cert_file={_folder.PathOf("server.pem")}", "-c", $"ssl_key_file={_folder.PathOf("server.key")}",
        ];
        _process = await ServerProcess.StartAsync(Port, command[0], command[1..]);

        // It listens before it has read its log again.
        await Eventually.HoldsAsync(IsReadyAsync, "PostgreSQL lets clients in");
    }

    /// <summary>As a crash: what was under way is gone, and what was committed is read from its log again.</summary>
    public async Task StopAsync()
    {
        await _process!.StopAsync("QUIT");
        _process.Dispose();
        _process = null;
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            await ExecuteAsync("SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection($"{Connection};Password={Password};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    // PostgreSQL does not run as root.
    private static string[] AsUser(string program)
    {
        const string all = "/usr/lib/postgresql";
        string[] folders = Directory.Exists(all) ? [.. Directory.GetDirectories(all).OrderDescending().Select(version => Path.Combine(version, "bin"))] : [];
        var path = ServerProcess.Find(program, "postgresql", folders);
        return Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", path] : [path];
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, $"{command[0]}: {await output}{await errors}");
    }
}
