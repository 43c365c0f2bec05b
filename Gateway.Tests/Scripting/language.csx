// What C# makes of each of these is in the image, and not in the source.
using System.Collections.Immutable;
using System.Text.RegularExpressions;

enum Kind { A, B }
record Point(int X, double Y) { public virtual string Name { get; init; } = ""; }
record Deep(int X, double Y, object? Tag, Kind? Kind) : Point(X, Y);
readonly record struct Pair<T>(T First, T? Second) where T : IComparable<T>;
interface IShape { static abstract IShape Make(); int Area => 1; }
class Square : IShape { public static IShape Make() => new Square(); public required int Side { get; init; } = 1; [System.Diagnostics.CodeAnalysis.SetsRequiredMembers] public Square() { } }
class Events { public event EventHandler? Happened; public event Action<int>? Counted; public void Raise() { Happened?.Invoke(this, EventArgs.Empty); Counted?.Invoke(1); } }
class Bag : IEnumerable<int>, IDisposable
{
    private readonly List<int> _items = [];
    public int this[int i] { get => _items[i]; set => _items[i] = value; }
    public int this[Index i] => _items[i];
    public void Add(int item) => _items.Add(item);
    public IEnumerator<int> GetEnumerator() { try { foreach (var item in _items) { yield return item; } } finally { _items.Clear(); } }
    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    public void Dispose() { }
    public void Deconstruct(out int a, out string b) => (a, b) = (1, "b");
    public static Bag operator +(Bag a, Bag b) => a;
    public static implicit operator int(Bag a) => 1;
    public static explicit operator Bag(string a) => new();
    public static bool operator true(Bag a) => true;
    public static bool operator false(Bag a) => false;
}
ref struct Cursor(ReadOnlySpan<byte> data) { private ReadOnlySpan<byte> _data = data; public byte Next() { var a = _data[0]; _data = _data[1..]; return a; } }

static T Make<T>() where T : new() => new T();
static T Shape<T>() where T : class, IShape => (T)T.Make();
static int Sum(params ReadOnlySpan<int> numbers) { var sum = 0; foreach (var number in numbers) { sum += number; } return sum; }
static int Sums(params IEnumerable<int> numbers) => numbers.Sum();
static int Boxed(params object?[] numbers) => numbers.Length;
static ref int First(Span<int> span) => ref span[0];
static string Caller([System.Runtime.CompilerServices.CallerMemberName] string name = "") => name;
static IEnumerable<int> Count(int to) { for (var i = 0; i < to; i++) { if (i == 3) { yield break; } yield return i; } }
static IEnumerator<int> Counter() { yield return 1; }
static decimal Rate() => 1.5m + 3;
static Int128 Big() => (Int128)long.MaxValue * 3;
static string Named(object? value) => value switch
{
    null => "nothing",
    0 => "zero",
    "a" or "b" or "c" or "d" or "e" or "f" or "g" or "h" => "letter",
    int and > 5 => "many",
    Point { X: > 1, Name.Length: 2 } point => point.Name,
    (int a, string b) => b + a,
    int[] and [1, .., 3] => "list",
    int[] and [var first, .. var rest] => $"{first}{rest.Length}",
    Kind.A => nameof(Kind.A),
    DateTime { Year: var year } when year > 2000 => "now",
    _ => throw new InvalidPayloadException("unknown"),
};
static Kind Total(Kind kind) => kind switch { Kind.A => Kind.B, Kind.B => Kind.A };
static long Text(string text) => text switch { "one" => 1, "two" => 2, "three" => 3, "four" => 4, "five" => 5, "six" => 6, "seven" => 7, _ => 0 };
static long Bytes(ReadOnlySpan<char> text) => text switch { "one" => 1, "two" => 2, _ => 0 };

int count = 1;
int[] table = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
ReadOnlySpan<byte> Constant() => [1, 2, 3, 4];
ReadOnlySpan<byte> Literal() => "abc"u8;
ReadOnlySpan<int> Numbers() => [1, 2, 3, 4];
List<int> list = [.. table, 1, .. Count(3)];
ImmutableArray<int> immutable = [1, 2, .. table];
HashSet<int> set = [1, 2];
Dictionary<string, int> map = new() { ["a"] = 1, ["b"] = 2 };
IReadOnlyList<int> readOnly = [1, 2];
IEnumerable<int> one = [1];
int[,] matrix = { { 1, 2 }, { 3, 4 } };
int[][] jagged = [[1], [2, 3]];
var (left, right) = (1, "two");
var anonymous = new { A = 1, B = "x" };
var bag = new Bag { 1, 2, 3 };
Dictionary<string, int> pairs = new() { { "b", 2 } };
var (c, d) = bag;
var more = bag + (Bag)"x";
if (bag) { count++; }
matrix[0, 1] += matrix.GetLength(0);
Span<int> Slice() => table.AsSpan()[1..^1];
var range = table[1..^2];
var last = table[^1];
First(table) = 3;
var text = $"{count,5:N2} {left:X2}{right}{anonymous}{DateTimeOffset.UnixEpoch:O}";
var culture = string.Create(CultureInfo.InvariantCulture, $"{1.5:F2}");
FormattableString format = $"{count}";
var builder = new StringBuilder().Append($"{count} {text}").AppendLine(CultureInfo.InvariantCulture, $"{1}");
var point = new Deep(1, 2, null, Kind.A) with { X = 3, Name = "n" };
var same = point == new Deep(1, 2, "x", null) && point.GetHashCode() != 0 && point.ToString().Length > 0 && new Pair<int>(1, 2) == new Pair<int>(2, 1);
var tuples = (1, "a", 2.5) == (1, "a", 2.5);
var nested = (1, 2, 3, 4, 5, 6, 7, 8, 9).ToString();
var events = new Events();
events.Happened += (_, _) => count++;
events.Counted += n => count += n;
events.Raise();
Func<int, int> twice = n => n * 2;
Func<int, int> parsed = int.Abs;
twice += parsed;
Func<string, int> outer = s => { int Local(int n) => n <= 0 ? s.Length : Local(n - 1); return Local(3); };
var query = from a in list join b in table on a equals b into g from x in g.DefaultIfEmpty() let y = x * 2 where y > 2 orderby y descending, x group y by y % 3 into h select new { h.Key, Sum = h.Sum() };
var results = query.ToList();
foreach (var (key, value) in map) { count += value; }
foreach (var item in Count(5)) { count += item; }
foreach (var item in matrix) { count += item; }
foreach (ref readonly var item in Numbers()) { count += item; }
foreach (var item in "text") { count += item; }
using (var used = new Bag()) { count += used.Count(); }
try { checked { count += int.MaxValue; } }
catch (OverflowException error) when (error.Message.Length > 0) { count = 0; }
catch { throw; }
finally { count++; }
again:
if (count++ < 3) { goto again; }
do { count--; } while (count > 0);
switch (text) { case "a": count++; break; case { Length: 3 }: goto default; default: break; }
unchecked { count = (int)0xFFFFFFFF; }
object boxed = count;
var unboxed = (int)boxed + (boxed as int? ?? 1) + (boxed is int i and > 3 ? i : 0);
string? maybe = null;
maybe ??= text?.Length.ToString(CultureInfo.InvariantCulture);
var sums = Sum(1, 2, 3) + Sums(1, 2) + Boxed(1, "x") + Sum() + Named(7).Length + (int)Text("one") + (int)Bytes("one");
var made = Make<List<int>>().Count + Make<int>() + Caller().Length;
var lazy = new Lazy<int>(() => count);
var read = new Cursor([1, 2]).Next() + lazy.Value;
var matches = new Regex("a+").Matches("caaandaab").Select(m => m.Value).Concat(Regex.Split("a b", " ")).ToArray();
Half half = (Half)1.5; UInt128 wide = 1; nint native = 3; DateOnly day = new(2025, 1, 1);
var converted = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt32BigEndian([1, 2, 3, 4])) + (double)half + (double)wide + native + day.Year;
var dictionary = list.Distinct().ToDictionary(n => n + Guid.Empty.ToString() + list.IndexOf(n) + results.Count, n => (object?)n, StringComparer.OrdinalIgnoreCase);
var stringly = string.Concat("a", text, "b", right, "c") + 'x' + 1 + null;
const double Pi = Math.PI;
static readonly Dictionary<(int, string), Func<byte[], double>> Decoders = new() { [(1, "a")] = data => data[0] / 2.0 };
volatile int shared;
shared++;
