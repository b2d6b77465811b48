-- What was said, sentence by sentence, to be found by its words and by its meaning.
--
-- Sentences of a video are written as an edition, in parts, and shown all at once when the last part is
-- there; the edition before it goes in the same transaction. Words come cut and folded from mindreel
-- (mindreel/store/words.py), so that every store finds the same; here they only lose their English endings.
--
-- Writers may overlap, and what a dead one asked for may be done late. So an edition is a number that its
-- writer takes first, and a later edition stays.

create extension if not exists vector with schema extensions;
grant usage on schema extensions to service_role;

create text search dictionary public.segment_stems (template = pg_catalog.snowball, language = porter);

create sequence public.segment_editions_edition;

create table public.segment_editions (
    video_id text not null, -- need not be in `videos`; see segments_forget
    edition bigint not null,
    title text not null,
    segments integer not null,
    words bigint not null default 0,
    shown boolean not null default false,
    begun_at timestamptz not null,
    constraint segment_editions_pkey primary key (video_id, edition)
);
alter sequence public.segment_editions_edition owned by public.segment_editions.edition;
create unique index segment_editions_shown_key on public.segment_editions (video_id) where shown;

create table public.segments (
    id bigint generated always as identity constraint segments_pkey primary key,
    video_id text not null,
    edition bigint not null,
    place integer not null,
    segment_id integer not null,
    start_s double precision not null,
    end_s double precision not null,
    text text not null,
    length integer not null,
    words tsvector not null,
    embedding extensions.vector(384),
    constraint segments_place_key unique (video_id, edition, place),
    constraint segments_edition_fkey foreign key (video_id, edition)
        references public.segment_editions (video_id, edition) on delete cascade
);
-- Beside the row, so that vectors can also be compared without the index; a row fits into a page.
alter table public.segments alter column embedding set storage plain;
-- No list of what is to be added later: searches would walk through it.
create index segments_words_idx on public.segments using gin (words) with (fastupdate = off);
create index segments_embedding_idx on public.segments using hnsw (embedding extensions.vector_cosine_ops);

-- In how many sentences of an edition a word is said: what makes a word rare is not counted anew each time.
create table public.segment_words (
    video_id text not null,
    edition bigint not null,
    lexeme text not null,
    sentences integer not null,
    constraint segment_words_pkey primary key (video_id, edition, lexeme),
    constraint segment_words_edition_fkey foreign key (video_id, edition)
        references public.segment_editions (video_id, edition) on delete cascade
);
create index segment_words_lexeme_idx on public.segment_words (lexeme) include (sentences);

alter table public.segment_editions enable row level security;
alter table public.segments enable row level security;
alter table public.segment_words enable row level security;
revoke all on public.segment_editions, public.segments, public.segment_words from public, anon, authenticated;
grant select, insert, update, delete on public.segment_editions, public.segments, public.segment_words
to service_role;
revoke all on sequence public.segments_id_seq, public.segment_editions_edition
from public, anon, authenticated;
grant usage, select on sequence public.segments_id_seq, public.segment_editions_edition to service_role;

-- A word without its English ending. Very short and very long ones have none, as in SQLite's FTS5.
create function public.segment_stem(word text) returns text language sql immutable set search_path = '' as $$
    select case
        when octet_length(word) between 3 and 64 then (ts_lexize('public.segment_stems', word))[1]
        else left(word, 500) -- a tsvector takes no longer ones
    end
$$;

-- As tsvector and tsquery read it, whatever it holds.
create function public.segment_quoted(lexeme text) returns text
language sql immutable set search_path = '' as $$
    select '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''''
$$;

-- Words, separated by spaces, with their positions; they are cut and folded already.
create function public.segment_vector(words text) returns tsvector
language sql immutable set search_path = '' as $$
    select coalesce(string_agg(l.quoted || ':' || l.position, ' '), '')::tsvector
    from (
        select public.segment_quoted(public.segment_stem(w.word)) as quoted, w.position
        from unnest(string_to_array(words, ' ')) with ordinality as w (word, position)
    ) as l
$$;

-- The number of an edition that is begun: greater than those of all that were begun before.
create function public.segments_edition() returns bigint
language sql volatile set search_path = '' as $$
    select nextval('public.segment_editions_edition')
$$;

-- Adds a part of an edition, and shows the edition once it has `total` sentences: true from then on, and where
-- a later one is shown already.
create function public.segments_replace(
    video_id text, edition bigint, title text, total integer, part jsonb
) returns boolean language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare
    given_video constant text := segments_replace.video_id;
    given_edition constant bigint := segments_replace.edition;
begin
    perform pg_advisory_xact_lock(hashtextextended('mindreel segments ' || given_video, 0));
    if exists (
        select from public.segment_editions e
        where e.video_id = given_video and e.shown and e.edition > given_edition
    ) then
        return true;
    end if;
    insert into public.segment_editions (video_id, edition, title, segments, begun_at)
    values (given_video, given_edition, segments_replace.title, total, clock_timestamp())
    on conflict on constraint segment_editions_pkey do nothing;
    insert into public.segments (
        video_id, edition, place, segment_id, start_s, end_s, text, length, words, embedding
    )
    select
        given_video, given_edition, p.place, p.segment_id, p.start_s, p.end_s, p.text,
        cardinality(string_to_array(p.words, ' ')), public.segment_vector(p.words),
        p.embedding::extensions.vector
    from jsonb_to_recordset(part) as p (
        place integer, segment_id integer, start_s double precision, end_s double precision, text text,
        words text, embedding text
    )
    order by p.place
    on conflict on constraint segments_place_key do nothing;
    if (
        select count(*) from public.segments s where s.video_id = given_video and s.edition = given_edition
    ) < total then
        return false;
    end if;
    perform public.segments_show(given_video, given_edition);
    return true;
end
$$;

-- Its sentences are all there: they take the place of what was shown, in one transaction.
create function public.segments_show(video_id text, edition bigint) returns void
language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare
    given_video constant text := segments_show.video_id;
    given_edition constant bigint := segments_show.edition;
begin
    insert into public.segment_words (video_id, edition, lexeme, sentences)
    select given_video, given_edition, w.lexeme, count(*)
    from public.segments s cross join lateral unnest(s.words) as w
    where s.video_id = given_video and s.edition = given_edition
    group by w.lexeme
    on conflict on constraint segment_words_pkey do nothing;
    delete from public.segment_editions e where e.video_id = given_video and e.edition < given_edition;
    update public.segment_editions e
    set shown = true, words = (
        select coalesce(sum(s.length), 0) from public.segments s
        where s.video_id = given_video and s.edition = given_edition
    )
    where e.video_id = given_video and e.edition = given_edition;
    -- what writers left that died on the way, of any video
    delete from public.segment_editions e
    where (e.video_id, e.edition) in (
        select o.video_id, o.edition from public.segment_editions o
        where not o.shown and o.begun_at < clock_timestamp() - interval '1 hour'
        for update skip locked
    );
end
$$;

-- Which words are asked for, in that order: how each is looked for, its stem unless it is a beginning of words,
-- and what it weighs (BM25's inverse
-- document frequency, at least a trace, as in SQLite's FTS5).
create function public.segments_terms(terms text[], prefixes text[])
returns table (query tsquery, lexeme text, weight double precision)
language sql stable set search_path = '' as $$
    with asked as (
        select public.segment_stem(t.word) as lexeme, false as prefix, t.place
        from unnest(terms) with ordinality as t (word, place)
        union all
        select left(t.word, 500), true, cardinality(terms) + t.place
        from unnest(prefixes) with ordinality as t (word, place)
    ),
    counted as (
        select
            (public.segment_quoted(a.lexeme) || case when a.prefix then ':*' else '' end)::tsquery as query,
            case
                when a.prefix then (
                    select count(*) from public.segments s
                    join public.segment_editions e on e.video_id = s.video_id and e.edition = s.edition
                    where e.shown and s.words @@ (public.segment_quoted(a.lexeme) || ':*')::tsquery
                )
                else (
                    select sum(w.sentences) from public.segment_words w
                    join public.segment_editions e on e.video_id = w.video_id and e.edition = w.edition
                    where e.shown and w.lexeme = a.lexeme
                )
            end::double precision as found,
            case when not a.prefix then a.lexeme end as lexeme,
            a.place
        from asked a where a.lexeme <> ''
    )
    select c.query, c.lexeme, greatest(ln((t.segments - c.found + 0.5) / (c.found + 0.5)), 1e-6)
    from counted c
    cross join (select sum(e.segments) as segments from public.segment_editions e where e.shown) as t
    where c.found > 0
    order by c.place
$$;

-- BM25 (k1 = 1.2, b = 0.75; Robertson and Zaragoza 2009) of the sentences that `wanted` finds; the arrays
-- are what `segments_terms` says. The formula stands twice: a function would be called for each word.
create function public.segments_scored(
    wanted tsquery, queries tsquery[], lexemes text[], weights double precision[]
) returns table (id bigint, score double precision) language sql stable set search_path = '' as $$
    select
        s.id,
        coalesce((
            select sum(
                t.weight * cardinality(w.positions) * 2.2
                / (cardinality(w.positions) + 1.2 * (0.25 + 0.75 * s.length / a.length))
                order by t.position
            )
            from unnest(s.words) as w (lexeme, positions, classes)
            join unnest(lexemes, segments_scored.weights) with ordinality as t (lexeme, weight, position)
                on t.lexeme = w.lexeme
        ), 0) + coalesce((
            select sum(t.weight * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * s.length / a.length)))
            from unnest(queries, lexemes, segments_scored.weights) as t (query, lexeme, weight)
            -- of a single word, cover density is how often it is said
            cross join lateral ts_rank_cd('{1,1,1,1}', s.words, t.query) as often
            where t.lexeme is null
        ), 0)
    from (
        select sum(e.words)::double precision / nullif(sum(e.segments), 0) as length
        from public.segment_editions e where e.shown
    ) as a
    cross join public.segments s
    join public.segment_editions e on e.video_id = s.video_id and e.edition = s.edition and e.shown
    where s.words @@ wanted
$$;

-- Ids of the sentences that share words with what is asked, best first: those that reach `share` of the best.
create function public.segments_by_word(terms text[], prefixes text[], share double precision, depth integer)
returns table (id bigint, rank bigint) language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
    queries tsquery[];
    lexemes text[];
    weights double precision[];
    rarest tsquery;
    wanted tsquery;
    bar double precision; -- a score that every sentence of the answer reaches
begin
    select array_agg(t.query), array_agg(t.lexeme), array_agg(t.weight),
        (array_agg(t.query order by t.weight desc))[1]
    into queries, lexemes, weights, rarest
    from public.segments_terms(terms, prefixes) as t;
    -- Sentences that share only words so common that all of them together stay below the bar need not be
    -- looked at (Turtle and Flood 1995, MaxScore). The rarest word tells how high the bar is at least.
    select greatest(share * max(s.score), (array_agg(s.score order by s.score desc))[depth]) into bar
    from public.segments_scored(rarest, queries, lexemes, weights) as s;
    select string_agg(t.query::text, '|')::tsquery into wanted
    from (
        select u.query, sum(u.weight) over (order by u.weight) as with_commoner
        from unnest(queries, weights) as u (query, weight)
    ) as t
    where 2.2 * t.with_commoner >= bar;
    return query
    select r.id, r.rank
    from (
        select s.id, s.score, max(s.score) over () as top,
            row_number() over (order by s.score desc, s.id) as rank
        from public.segments_scored(wanted, queries, lexemes, weights) as s
    ) as r
    where r.score >= share * r.top
    order by r.rank
    limit depth;
end
$$;

-- Ids of the sentences nearest to `query_embedding`, best first.
create function public.segments_by_meaning(
    query_embedding extensions.vector, meaning_floor double precision, depth integer
) returns table (id bigint, rank bigint) language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
    perform set_config('hnsw.ef_search', '200', true), set_config('hnsw.iterative_scan', 'strict_order', true);
    return query
    with nearest as materialized (
        select s.id, s.embedding operator(extensions.<=>) query_embedding as distance
        from public.segments s
        where exists (
            select from public.segment_editions e
            where e.video_id = s.video_id and e.edition = s.edition and e.shown
        )
        order by s.embedding operator(extensions.<=>) query_embedding
        limit depth
    )
    select n.id, row_number() over (order by n.distance, n.id)
    from nearest n where 1 - n.distance >= meaning_floor;
end
$$;

create function public.match_segments(
    terms text[] default '{}',
    prefixes text[] default '{}',
    query_embedding extensions.vector default null,
    most integer default 10,
    word_share double precision default 0.25,
    meaning_floor double precision default 0.30,
    depth integer default 50,
    rank_constant integer default 60
) returns table (
    video_id text, title text, segment_id integer, start_s double precision, end_s double precision, text text,
    score double precision, matched text
) language sql stable set search_path = '' as $$
    select
        s.video_id, e.title, s.segment_id, s.start_s, s.end_s, s.text,
        (
            coalesce(1.0 / (rank_constant + w.rank), 0) + coalesce(1.0 / (rank_constant + m.rank), 0)
        )::double precision,
        case when m.id is null then 'keyword' when w.id is null then 'meaning' else 'both' end
    from public.segments_by_word(terms, prefixes, word_share, depth) as w
    full join public.segments_by_meaning(query_embedding, meaning_floor, depth) as m on m.id = w.id
    join public.segments s on s.id = coalesce(w.id, m.id)
    join public.segment_editions e on e.video_id = s.video_id and e.edition = s.edition
    order by 7 desc, w.rank nulls last, m.rank
    limit greatest(most, 0)
$$;

-- Who removes a video by hand removes its sentences too.
create function public.segments_forget() returns trigger language plpgsql set search_path = '' as $$
begin
    delete from public.segment_editions e where e.video_id = old.id;
    return null;
end
$$;
create trigger segments_forget after delete on public.videos
    for each row execute function public.segments_forget();

revoke execute on function
    public.segment_stem, public.segment_quoted, public.segment_vector, public.segments_edition,
    public.segments_replace, public.segments_show, public.segments_terms, public.segments_scored,
    public.segments_by_word, public.segments_by_meaning, public.match_segments, public.segments_forget
from public, anon, authenticated;
grant execute on function
    public.segment_stem, public.segment_quoted, public.segment_vector, public.segments_edition,
    public.segments_replace, public.segments_show, public.segments_terms, public.segments_scored,
    public.segments_by_word, public.segments_by_meaning, public.match_segments, public.segments_forget
to service_role;

comment on table public.segment_editions is
    'One writing of the sentences of a video; the one that is shown is complete, others are being written.';
comment on column public.segment_editions.edition is 'Of all editions, in the order in which they were begun.';
comment on column public.segment_editions.segments is 'How many sentences it has when it is complete.';
comment on column public.segment_editions.words is 'Of all its sentences, once it is shown.';
comment on table public.segment_words is 'In how many sentences of an edition a stem is said.';
comment on table public.segments is
    'What was said, a sentence or breath group a row. Search with match_segments().';
comment on column public.segments.edition is 'Belongs to the video once segment_editions says `shown`.';
comment on column public.segments.place is 'From 0, within the video.';
comment on column public.segments.segment_id is 'As transcripts, analyses and clips cite it.';
comment on column public.segments.start_s is 'Seconds from the beginning of the video.';
comment on column public.segments.end_s is 'Seconds from the beginning of the video.';
comment on column public.segments.length is 'How many words, or pairs of characters where none are spaced.';
comment on column public.segments.words is 'Stems with their positions, cut and folded by mindreel.';
comment on column public.segments.embedding is
    'all-MiniLM-L6-v2, length 1; null in languages that the model does not know.';
comment on function public.match_segments is
    'Sentences by words (small letters, without accents) and by meaning, fused by reciprocal rank '
    '(Cormack et al. 2009). word_share: least share of the best BM25; meaning_floor: least cosine; '
    'depth: candidates of each way.';
