-- What is known and shown of each video, as the library published it last. All of a video is replaced in one
-- transaction by library_publish. Files lie in Storage; here are the keys of their rows in `artifacts`.
--
-- Attempts at publishing may overlap, and what a dead one asked for may be done late. So each takes a number
-- first, its folder is named after it and is never used again, and a later attempt's publication stays.

create sequence public.publications_attempt;

create table public.publications (
    video_id text constraint publications_pkey primary key
        constraint publications_video_id_fkey references public.videos (id) on delete cascade,
    bucket text not null,
    folder text not null,
    attempt bigint not null,
    page_sha256 text not null,
    manifest_sha256 text not null,
    published_at timestamptz not null,
    constraint publications_page_sha256_check check (page_sha256 ~ '^[0-9a-f]{64}$'),
    constraint publications_manifest_sha256_check check (manifest_sha256 ~ '^[0-9a-f]{64}$')
);
alter sequence public.publications_attempt owned by public.publications.attempt;

create table public.published_files (
    video_id text not null
        constraint published_files_video_id_fkey references public.videos (id) on delete cascade,
    path text not null,
    key text not null,
    sha256 text not null,
    size_bytes bigint not null,
    media_type text not null,
    object text not null generated always as (public.artifact_object(key, sha256)) stored,
    constraint published_files_pkey primary key (video_id, path),
    -- inside the folder: not absolute, no part that is empty, . or .., and no separator of other systems
    constraint published_files_path_check check (path !~ '(^|/)[.]{0,2}(/|$)' and strpos(path, '\') = 0)
);
create index published_files_object_idx on public.published_files (object);

create table public.transcripts (
    video_id text constraint transcripts_pkey primary key
        constraint transcripts_video_id_fkey references public.videos (id) on delete cascade,
    language text not null,
    language_probability double precision not null,
    duration_s double precision not null,
    model text not null,
    segments integer not null,
    words integer not null,
    removed integer not null,
    text text not null,
    key text
);
create index transcripts_language_idx on public.transcripts (language);

create table public.analyses (
    video_id text constraint analyses_pkey primary key
        constraint analyses_video_id_fkey references public.videos (id) on delete cascade,
    analyzer text not null,
    language text not null,
    summary jsonb not null,
    key_points jsonb not null,
    topics jsonb not null,
    highlights jsonb not null,
    sentiment jsonb,
    category jsonb,
    quiz jsonb not null,
    skipped jsonb not null,
    sentiment_label text generated always as (sentiment ->> 'label') stored,
    category_label text generated always as (category ->> 'label') stored,
    key text
);
create index analyses_category_label_idx on public.analyses (category_label);
create index analyses_topics_idx on public.analyses using gin (topics jsonb_path_ops);

create table public.chapters (
    video_id text not null
        constraint chapters_video_id_fkey references public.videos (id) on delete cascade,
    ordinal integer not null,
    title text not null,
    start_s double precision not null,
    end_s double precision not null,
    summary text not null,
    key_points jsonb not null,
    terms jsonb not null,
    segment_ids jsonb not null,
    constraint chapters_pkey primary key (video_id, ordinal)
);

create table public.clips (
    video_id text not null
        constraint clips_video_id_fkey references public.videos (id) on delete cascade,
    ordinal integer not null,
    name text not null,
    title text not null,
    start_s double precision not null,
    end_s double precision not null,
    score double precision not null,
    reason text not null,
    segment_ids jsonb not null,
    method text not null,
    captioned boolean not null,
    key text not null,
    sidecar_key text not null,
    constraint clips_pkey primary key (video_id, ordinal)
);
create index clips_score_idx on public.clips (score desc);

create table public.mindmaps (
    video_id text constraint mindmaps_pkey primary key
        constraint mindmaps_video_id_fkey references public.videos (id) on delete cascade,
    tree jsonb not null,
    nodes integer not null,
    key text
);

alter table public.publications enable row level security;
alter table public.published_files enable row level security;
alter table public.transcripts enable row level security;
alter table public.analyses enable row level security;
alter table public.chapters enable row level security;
alter table public.clips enable row level security;
alter table public.mindmaps enable row level security;
revoke all on
    public.publications, public.published_files, public.transcripts, public.analyses, public.chapters,
    public.clips, public.mindmaps
from public, anon, authenticated;
grant select, insert, update, delete on
    public.publications, public.published_files, public.transcripts, public.analyses, public.chapters,
    public.clips, public.mindmaps
to service_role;
revoke all on sequence public.publications_attempt from public, anon, authenticated;
grant usage, select on sequence public.publications_attempt to service_role;

-- The number of an attempt that begins: greater than those of all that began before.
create function public.library_attempt() returns bigint
language sql volatile set search_path = '' as $$
    select nextval('public.publications_attempt')
$$;

-- Shows what lies in that folder of the bucket, and what is known of the video, in place of what was; unless
-- that is of a later attempt. The folder that is shown. Raises MRBSY where the files of the new one are gone.
-- `knowledge` has the keys uploader, analysis_result, files, transcript, analysis, chapters, clips and mindmap,
-- whose fields are named as the columns are; null where there is none.
create function public.library_publish(
    video_id text, attempt bigint, bucket text, folder text, page_sha256 text, manifest_sha256 text,
    knowledge jsonb
) returns text language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare
    given constant text := library_publish.video_id;
    later text;
begin
    perform from public.videos v where v.id = given for no key update; -- one after the other
    select p.folder into later
    from public.publications p where p.video_id = given and p.attempt > library_publish.attempt;
    if found then
        return later;
    end if;
    if (
        select count(*) from storage.objects o
        where o.bucket_id = library_publish.bucket
        and o.name in (library_publish.folder || '/report.html', library_publish.folder || '/manifest.json')
    ) < 2 then
        raise exception using errcode = 'MRBSY',
            message = format('The page of %s went away while it was published; publish it again.', given);
    end if;
    update public.videos v
    set uploader = knowledge ->> 'uploader',
        analysis_result = nullif(knowledge -> 'analysis_result', 'null'::jsonb)
    where v.id = given;
    if not found then
        raise exception using errcode = 'MRSET',
            message = format('The catalog of the project knows no video %s; run it again.', given);
    end if;
    delete from public.published_files f where f.video_id = given;
    insert into public.published_files
    select given, f.path, f.key, f.sha256, f.size_bytes, f.media_type
    from jsonb_to_recordset(knowledge -> 'files') as f (
        path text, key text, sha256 text, size_bytes bigint, media_type text
    );
    delete from public.transcripts t where t.video_id = given;
    insert into public.transcripts
    select
        given, t.language, t.language_probability, t.duration_s, t.model, t.segments, t.words, t.removed,
        t.text, t.key
    from jsonb_to_record(nullif(knowledge -> 'transcript', 'null'::jsonb)) as t (
        language text, language_probability double precision, duration_s double precision, model text,
        segments integer, words integer, removed integer, text text, key text
    )
    where t.language is not null;
    delete from public.analyses a where a.video_id = given;
    insert into public.analyses (
        video_id, analyzer, language, summary, key_points, topics, highlights, sentiment, category, quiz,
        skipped, key
    )
    select
        given, a.analyzer, a.language, a.summary, a.key_points, a.topics, a.highlights,
        nullif(a.sentiment, 'null'::jsonb), nullif(a.category, 'null'::jsonb), a.quiz, a.skipped, a.key
    from jsonb_to_record(nullif(knowledge -> 'analysis', 'null'::jsonb)) as a (
        analyzer text, language text, summary jsonb, key_points jsonb, topics jsonb, highlights jsonb,
        sentiment jsonb, category jsonb, quiz jsonb, skipped jsonb, key text
    )
    where a.analyzer is not null;
    delete from public.chapters c where c.video_id = given;
    insert into public.chapters
    select
        given, c.ordinal, c.title, c.start_s, c.end_s, c.summary, c.key_points, c.terms, c.segment_ids
    from jsonb_to_recordset(knowledge -> 'chapters') as c (
        ordinal integer, title text, start_s double precision, end_s double precision, summary text,
        key_points jsonb, terms jsonb, segment_ids jsonb
    );
    delete from public.clips c where c.video_id = given;
    insert into public.clips
    select
        given, c.ordinal, c.name, c.title, c.start_s, c.end_s, c.score, c.reason, c.segment_ids, c.method,
        c.captioned, c.key, c.sidecar_key
    from jsonb_to_recordset(knowledge -> 'clips') as c (
        ordinal integer, name text, title text, start_s double precision, end_s double precision,
        score double precision, reason text, segment_ids jsonb, method text, captioned boolean, key text,
        sidecar_key text
    );
    delete from public.mindmaps m where m.video_id = given;
    insert into public.mindmaps
    select given, m.tree, m.nodes, m.key
    from jsonb_to_record(nullif(knowledge -> 'mindmap', 'null'::jsonb)) as m (
        tree jsonb, nodes integer, key text
    )
    where m.tree is not null;
    insert into public.publications as p (
        video_id, bucket, folder, attempt, page_sha256, manifest_sha256, published_at
    )
    values (
        given, library_publish.bucket, library_publish.folder, library_publish.attempt,
        library_publish.page_sha256, library_publish.manifest_sha256, clock_timestamp()
    )
    on conflict on constraint publications_pkey do update
    set bucket = excluded.bucket, folder = excluded.folder, attempt = excluded.attempt,
        page_sha256 = excluded.page_sha256, manifest_sha256 = excluded.manifest_sha256,
        published_at = excluded.published_at;
    return library_publish.folder;
end
$$;

-- What is shown of a video: {bucket, folder, page_sha256, manifest_sha256, files: [{path, key, sha256,
-- size_bytes, media_type}]}, or null.
create function public.library_place(video_id text) returns jsonb
language sql stable set search_path = '' as $$
    select jsonb_build_object(
        'bucket', p.bucket, 'folder', p.folder, 'page_sha256', p.page_sha256,
        'manifest_sha256', p.manifest_sha256, 'files', (
            select coalesce(jsonb_agg(to_jsonb(f) - 'video_id' order by f.path), '[]'::jsonb)
            from public.published_files f where f.video_id = p.video_id
        )
    )
    from public.publications p where p.video_id = library_place.video_id
$$;

-- Ids of the videos of which a page is shown, and is there with every file that it links to.
create function public.library_shown(bucket text) returns jsonb
language sql stable set search_path = '' as $$
    select coalesce(jsonb_agg(p.video_id order by p.video_id), '[]'::jsonb)
    from public.publications p
    join storage.objects o on o.bucket_id = p.bucket and o.name = p.folder || '/manifest.json'
    where p.bucket = library_shown.bucket
    and not exists (
        select from public.published_files f
        where f.video_id = p.video_id
        and not exists (select from storage.objects there where there.name = f.object)
    )
$$;

-- Files below published/ that nothing shows: what an interrupted attempt left, or nobody removed.
create function public.library_unshown(bucket text)
returns table (video_id text, name text, size_bytes bigint, changed_at timestamptz)
language sql stable set search_path = '' as $$
    select
        split_part(o.name, '/', 2), o.name, coalesce((o.metadata ->> 'size')::bigint, 0),
        greatest(o.created_at, o.updated_at)
    from storage.objects o
    where o.bucket_id = library_unshown.bucket
    and o.name ~>=~ 'published/' and o.name ~<~ 'published0' -- '0' follows '/'
    and o.name ~ '^published/[A-Za-z0-9_-]+/[0-9a-f]{16}/[^/]+$'
    and not exists (
        select from public.publications p
        where p.video_id = split_part(o.name, '/', 2) and p.bucket = o.bucket_id
        and starts_with(o.name, p.folder || '/')
    )
$$;

-- Ids of videos with such files, none of which changed since (seconds since 1970).
create function public.library_leftovers(bucket text, before_s double precision) returns jsonb
language sql stable set search_path = '' as $$
    select coalesce(jsonb_agg(left_over.video_id order by left_over.video_id), '[]'::jsonb)
    from (
        select u.video_id from public.library_unshown(bucket) as u
        group by u.video_id having max(u.changed_at) < to_timestamp(before_s)
    ) as left_over
$$;

-- Such files of one video that nobody will show: those of attempts before the one that is shown, and what did
-- not change for an hour. [{name, size_bytes}].
create function public.library_left(bucket text, video_id text) returns jsonb
language sql stable set search_path = '' as $$
    select coalesce(
        jsonb_agg(jsonb_build_object('name', u.name, 'size_bytes', u.size_bytes) order by u.name), '[]'::jsonb
    )
    from public.library_unshown(bucket) as u
    left join public.publications p on p.video_id = u.video_id and p.bucket = library_left.bucket
    where u.video_id = library_left.video_id
    and (
        split_part(u.name, '/', 3) < split_part(p.folder, '/', 3) collate "C" -- numbers of one length
        or u.changed_at < clock_timestamp() - interval '1 hour'
    )
$$;

revoke execute on function
    public.library_attempt, public.library_publish, public.library_place, public.library_shown,
    public.library_unshown, public.library_leftovers, public.library_left
from public, anon, authenticated;
grant execute on function
    public.library_attempt, public.library_publish, public.library_place, public.library_shown,
    public.library_unshown, public.library_leftovers, public.library_left
to service_role;

comment on table public.publications is 'What is shown of a video: a page and a manifest in Storage.';
comment on column public.publications.folder is
    'Holds report.html and manifest.json: published/<video id>/<attempt, in 16 hexadecimal digits>.';
comment on column public.publications.attempt is
    'Of all attempts at publishing, in the order in which they began.';
comment on table public.published_files is 'The files of a published video, as its manifest names them.';
comment on column public.published_files.path is 'Inside the folder that a person gets; the page links to it.';
comment on column public.published_files.key is 'Of the artifact with the content.';
comment on column public.published_files.object is
    'The name of that content in Storage, where it stays when the artifact is made anew.';
comment on table public.transcripts is 'What was said, as a whole; sentence by sentence in segments.';
comment on column public.transcripts.language is 'ISO 639-1; und where nothing was said.';
comment on column public.transcripts.language_probability is '0 to 1.';
comment on column public.transcripts.duration_s is 'Of the audio, in seconds.';
comment on column public.transcripts.model is 'What recognised the speech.';
comment on column public.transcripts.removed is
    'How many stretches were cut as not said: loops, text over silence.';
comment on column public.transcripts.text is 'A line a segment.';
comment on column public.transcripts.key is 'Of the artifact with all words and their seconds.';
comment on table public.analyses is
    'What a person learns from a video; every statement cites segments (segments.segment_id).';
comment on column public.analyses.analyzer is 'What made it, with its version.';
comment on column public.analyses.summary is '[{text, start_s, segment_ids}], seconds.';
comment on column public.analyses.key_points is '[{text, start_s, segment_ids}], seconds.';
comment on column public.analyses.topics is
    '[{label, weight (0 to 1), start_s, segment_ids}]; topics @> ''[{"label": "coffee"}]'' uses the index.';
comment on column public.analyses.highlights is
    '[{title, start_s, end_s, score (0 to 1), reason, segment_ids}], best first.';
comment on column public.analyses.sentiment is '{label, score (-1 to 1), segment_ids}.';
comment on column public.analyses.category is '{label, confidence (0 to 1), segment_ids}.';
comment on column public.analyses.quiz is
    '[{question, choices, answer_index (from 0), explanation, start_s, segment_ids}].';
comment on column public.analyses.skipped is 'Sentences: what was left out and why.';
comment on table public.chapters is 'Parts of a video, without gap or overlap.';
comment on column public.chapters.ordinal is 'From 1, in order of time.';
comment on column public.chapters.start_s is 'Seconds from the beginning of the video.';
comment on column public.chapters.end_s is 'Seconds from the beginning of the video.';
comment on table public.clips is 'Clips that were cut out of a video.';
comment on column public.clips.ordinal is 'From 1, in order of time.';
comment on column public.clips.start_s is 'Where its first frame lies in the video, in seconds.';
comment on column public.clips.end_s is 'Where its last frame ends in the video, in seconds.';
comment on column public.clips.score is '0 to 1, comparable within one video.';
comment on column public.clips.method is 'smart (copied but for the edges), reencode, or audio (no picture).';
comment on column public.clips.key is 'Of the artifact that is the clip.';
comment on column public.clips.sidecar_key is 'Of the artifact that says why it was chosen and how it was made.';
comment on table public.mindmaps is 'The mind map of a video.';
comment on column public.mindmaps.tree is '{label, kind, start_s (seconds), segment_ids, children}, nested.';
